import { jest } from '@jest/globals';
import { nthAddress } from '../../charts/nodes/address.js';
import { profileLikeSmall } from '../stories/pocket-stage.js';
import { until } from '../stories/until.js';
import { ClusterStage } from './cluster-stage.js';
import { CommandFailed } from './command.js';
import { LabStory } from './lab-story.js';
import { Visit } from './visit.js';

jest.setTimeout(180_000);

const SANDBOX_PORT = 8080;
const OFFLINE = 'offline';
/** What curl exits with when it cannot connect, or not in time; a name that does not resolve would be 6. */
const UNREACHABLE = [7, 28];

describe('the network of a sandbox', () => {
  let stage: ClusterStage;
  let control: LabStory;
  let alice: Visit;
  let inside: string;
  /** The API server, as a Service and on its node. */
  let service: string;
  let api: string;
  let outside: LabStory['lab']['plan']['outside'];

  /** Asks a URL from within a sandbox; gives curl's exit code. */
  const ask = async (session: string, url: string): Promise<number> => {
    const curl = ['curl', '-sS', '-k', '-o', '/dev/null', '--connect-timeout', '2', '--max-time', '4', url];
    try {
      await stage.inNamespace('exec', `claudecode-sandbox-${session}`, '-c', 'sandbox', '--', ...curl);
      return 0;
    } catch (error) {
      if (error instanceof CommandFailed && error.code !== null) return error.code;
      throw error;
    }
  };

  const addressOf = async (session: string): Promise<string> => (await stage.sandbox(session))?.status.podIP ?? '';

  beforeAll(async () => {
    stage = await ClusterStage.open();
    control = await LabStory.begin();
    ({ outside } = control.lab.plan);
    const { apiServer, serviceCidr } = control.lab.inventory;
    service = nthAddress(serviceCidr, 1);
    api = `${apiServer.advertiseAddress}:${apiServer.port}`;
    await control.probes({ name: 'unhindered' });
    alice = await Visit.begin(stage);
    ({ id: inside } = (await alice.work()).session);
    // Rules are in force some seconds after a Pod's start: until then it reaches less, not more.
    await until('the sandbox’s own rules', async () => (await ask(inside, `http://${outside.internet.address}`)) === 0);
  });

  afterAll(async () => {
    await alice.end();
    await control.end();
    await stage.stop();
  });

  test('names resolve, those of the internet and those of the cluster', async () => {
    const { name, address } = outside.internet;
    const pod = `claudecode-sandbox-${inside}`;
    for (const [asked, answer] of [
      [name, address],
      ['kubernetes.default.svc.cluster.local', service],
    ] as const) {
      const found = await stage.inNamespace('exec', pod, '-c', 'sandbox', '--', 'getent', 'hosts', asked);
      expect(found).toContain(answer);
    }
  });

  test('the internet is reached, by name and by address', async () => {
    for (const host of [outside.internet.name, outside.internet.address])
      expect(await ask(inside, `http://${host}`)).toBe(0);
  });

  test('private ranges, the operator’s networks and cloud metadata are not, though they answer any other Pod', async () => {
    for (const address of outside.forbidden) {
      expect(await control.ask('unhindered', `http://${address}`)).toContain('asked by');
      expect([address, UNREACHABLE.includes(await ask(inside, `http://${address}`))]).toEqual([address, true]);
    }
  });

  test('the API server is not reached, as a Service or on its node, though it answers any other Pod', async () => {
    for (const where of [`${service}:443`, api]) {
      expect(await control.ask('unhindered', `http://${where}`)).toContain('HTTP request to an HTTPS server');
      expect([where, UNREACHABLE.includes(await ask(inside, `https://${where}/version`))]).toEqual([where, true]);
    }
  });

  test('no node is reached: not its kubelet, not a NodePort', async () => {
    for (const address of control.lab.nodes.map((node) => control.lab.addressOf(node))) {
      for (const url of [`https://${address}:10250/healthz`, `http://${address}:31000/`])
        expect([url, UNREACHABLE.includes(await ask(inside, url))]).toEqual([url, true]);
    }
  });

  test('another sandbox is not reached, nor is the bridge', async () => {
    const { session, viewer } = await alice.work();
    const server = `require('http').createServer((q, s) => s.end()).listen(${SANDBOX_PORT}, () => console.log('OP' + 'EN'))`;
    await viewer.run(`node -e "${server}" &`, /OPEN/);
    expect(await ask(session.id, `http://127.0.0.1:${SANDBOX_PORT}`)).toBe(0);
    const bridges = (await stage.bridges()).flatMap(({ status }) => [
      `${status.podIP ?? ''}:3000`,
      `${status.podIP ?? ''}:9090`,
    ]);
    for (const where of [`${await addressOf(session.id)}:${SANDBOX_PORT}`, ...bridges])
      expect([where, UNREACHABLE.includes(await ask(inside, `http://${where}`))]).toEqual([where, true]);
  });

  test('a profile without internet resolves names and reaches nothing else', async () => {
    const offline = await profileLikeSmall(OFFLINE, () => undefined);
    const { template } = offline as unknown as { template: { metadata: { labels: Record<string, string> } } };
    delete template.metadata.labels['berth.dev/internet'];
    await stage.kubectl.apply(offline);
    try {
      await until('the profile to be offered', async () =>
        (await alice.api.profiles()).some(({ name }) => name === OFFLINE),
      );
      const { session } = await alice.work(OFFLINE);
      const { name, address } = outside.internet;
      const exec = ['exec', `claudecode-sandbox-${session.id}`, '-c', 'sandbox', '--', 'getent', 'hosts', name];
      await until('names to resolve', async () => (await stage.inNamespace(...exec)).includes(address));
      for (const url of [`http://${address}`, ...outside.forbidden.map((each) => `http://${each}`)])
        expect([url, UNREACHABLE.includes(await ask(session.id, url))]).toEqual([url, true]);
    } finally {
      await stage.inNamespace('delete', 'podtemplate', OFFLINE);
    }
  });
});
