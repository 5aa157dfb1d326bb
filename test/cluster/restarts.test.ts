import { jest } from '@jest/globals';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiClient } from '../stories/api-client.js';
import { until } from '../stories/until.js';
import { Viewer } from '../stories/viewer.js';
import { REPOSITORY } from './cache.js';
import { ClusterStage } from './cluster-stage.js';
import { BRIDGE } from './deploy-terminal.js';
import type { Lab } from './lab.js';
import { pictureOf } from './screen-picture.js';
import type { UserName } from './stage-record.js';
import { Typist, type TypingReport } from './typist.js';

jest.setTimeout(300_000);

const CROWD: readonly UserName[] = ['carol', 'dave', 'erin', 'frank', 'grace'];

describe('restarts on a real cluster', () => {
  let stage: ClusterStage;
  let clients: ApiClient[] = [];
  let viewers: Viewer[] = [];

  const client = async (user: UserName): Promise<ApiClient> => {
    const api = await ApiClient.login(stage.urls[0]!, stage.tokens[user]);
    clients.push(api);
    return api;
  };

  const viewerOf = async (api: ApiClient, id: string, write = true): Promise<Viewer> => {
    const viewer = await Viewer.attach(api, id, { write });
    viewers.push(viewer);
    return viewer;
  };

  /** Says what a restart was like for those who typed, and keeps it with the run. */
  const report = async (what: string, typed: readonly TypingReport[]): Promise<void> => {
    const pauses = typed.map(({ longestPause }) => longestPause).sort((a, b) => a - b);
    const bytes = typed.reduce((sum, each) => sum + each.bytes, 0);
    const median = pauses[Math.floor(pauses.length / 2)] ?? 0;
    const line = `${what}: ${typed.length} typing, ${bytes} bytes and none lost; pause ${median} ms median, ${pauses.at(-1) ?? 0} ms longest\n`;
    process.stdout.write(line);
    await mkdir(join(REPOSITORY, '.artifacts/cluster'), { recursive: true });
    await appendFile(join(REPOSITORY, '.artifacts/cluster/pauses.txt'), line);
  };

  const attachments = async (id: string): Promise<number> =>
    (await stage.processes(id)).filter((line) => line.includes('keeper.sock')).length;

  beforeAll(async () => {
    stage = await ClusterStage.open();
    // Room for twenty on one node: the limits are those of `small`, what is reserved for each is less.
    await stage.changeProfile('crowd', ({ resources }) => {
      resources.requests = { cpu: '10m', memory: '64Mi', 'ephemeral-storage': '64Mi' };
    });
  });

  afterEach(async () => {
    await Promise.all(viewers.map((viewer) => viewer.leave()));
    await until('every session to be ended', async () => {
      for (const api of clients) for (const { id } of await api.sessions()) await api.end(id);
      return true;
    });
    [clients, viewers] = [[], []];
    await until('every sandbox to be gone', async () => (await stage.sandboxes()).length === 0);
  });

  afterAll(() => stage.stop());

  test('a cut exec stream is a loss like any other: the bridge attaches again and nothing is missing', async () => {
    const api = await client('alice');
    const session = await api.newSession();
    const viewer = await viewerOf(api, session.id);
    const typist = await Typist.begin(viewer);
    for (let cut = 0; cut < 5; cut += 1) {
      const before = hellos(viewer);
      expect(await stage.cutStreams(session.id)).toBeGreaterThan(0);
      await until('the viewer to be attached anew', () => hellos(viewer) > before);
    }
    await report('exec stream cut five times', [await typist.end()]);
    await until('one attachment to be left', async () => (await attachments(session.id)) === 1);
  });

  test('a rolling restart of the bridge under 20 typing sessions loses no byte', async () => {
    const apis = await Promise.all(CROWD.map(client));
    const started: { readonly id: string; readonly typist: Typist }[] = [];
    // Five at a time: twenty Pods that start at once keep two cores busy for longer than a story waits for any of them.
    for (let round = 0; round < 4; round += 1) {
      const five = apis.map(async (api) => {
        const { id } = await api.newSession({ profile: 'crowd' });
        return { id, typist: await Typist.begin(await viewerOf(api, id)) };
      });
      started.push(...(await Promise.all(five)));
    }
    const before = (await stage.bridges()).map(({ metadata }) => metadata.uid);
    await stage.inNamespace('rollout', 'restart', `deployment/${BRIDGE}`);
    await stage.inNamespace('rollout', 'status', `deployment/${BRIDGE}`, '--timeout=180s');
    await until('the old replicas to be gone', async () => {
      const pods = await stage.everyBridge();
      return pods.every(({ metadata }) => !before.includes(metadata.uid));
    });
    await report('rolling restart of two bridges', await Promise.all(started.map(({ typist }) => typist.end())));
    for (const { id } of started) await until('one attachment each', async () => (await attachments(id)) === 1);
  });

  test('vim’s screen stays whole across a crash of the bridge', async () => {
    const api = await client('alice');
    const session = await api.newSession();
    const viewer = await viewerOf(api, session.id);
    viewer.type('cd; seq -f "line %g of the file" 1 500 > f; vim -u NONE f\r');
    await viewer.sees(/line 1 of the file[^]*line 20 of the file/);
    viewer.type(':set number\r120Gzt');
    await viewer.sees(/142[^]*line 142/);
    await stage.crashBridge();
    viewer.type('Onever lost\x1b');
    await viewer.sees(/never lost/);
    const other = await viewerOf(api, session.id, false);
    await until(
      'both screens to be the same',
      async () => (await pictureOf(viewer)).cells === (await pictureOf(other)).cells,
    );
    const { lines } = await pictureOf(other);
    expect(lines[0]).toBe('    120 never lost');
    expect(lines.slice(1, 23)).toEqual(
      Array.from({ length: 22 }, (_, index) => `    ${121 + index} line ${120 + index} of the file`),
    );
    expect(viewer.messages.filter(({ type }) => type === 'replay')).toHaveLength(1);
  });

  describe('of the machinery below', () => {
    const services = ['kubelet', 'containerd', 'apiserver'] as const;

    test.each(services)('%s restarts during a session: the same shell goes on and no byte is lost', async (service) => {
      const { lab } = stage;
      if (lab === undefined) return; // somebody else's cluster is not ours to break
      const api = await client('bob');
      const session = await api.newSession();
      const viewer = await viewerOf(api, session.id);
      const watchers = await Promise.all(Array.from({ length: 3 }, () => viewerOf(api, session.id, false)));
      const shell = await viewer.run('echo shell $$', /shell \d+/);
      const typist = await Typist.begin(viewer);
      const node = (await stage.sandbox(session.id))?.spec.nodeName ?? '';
      await restart(lab, service, node);
      await until('the viewer to be attached anew', () => hellos(viewer) > 1);
      await report(`restart of ${service}`, [await typist.end()]);
      expect(await viewer.run('echo shell $$', /shell \d+/)).toBe(shell);
      await Promise.all(watchers.map((watcher) => watcher.sees(/DONE/)));
      // A kubelet that is told ends its exec processes; what containerd orphans, the keeper closes after a silence.
      await until('no attachment but the viewers’', async () => (await attachments(session.id)) === 4, 120_000);
      // A new session needs all of it.
      // After a restart the kubelet holds no Pod for Ready before it has asked: for seconds no replica takes newcomers.
      const next = await until('a new session', () => api.newSession());
      await (await viewerOf(api, next.id)).run('echo $((6*7))', /42/);
    });
  });
});

type Service = 'kubelet' | 'containerd' | 'apiserver';

const hellos = (viewer: Viewer): number => viewer.messages.filter(({ type }) => type === 'hello').length;

/** Ends a service of the node, or the API server; returns when another process of it answers. */
async function restart(lab: Lab, service: Service, nodeName: string): Promise<void> {
  const node = service === 'apiserver' ? lab.nodes[0]! : lab.node(nodeName);
  const host = lab.host(node);
  const pid = (): Promise<string> =>
    service === 'apiserver' ? host.run(['pgrep', '-x', 'kube-apiserver']) : host.serviceId(service);
  const before = await pid();
  if (service === 'apiserver') await host.run(['pkill', '-KILL', '-x', 'kube-apiserver']);
  else await host.signal(service, 'TERM');
  await until(`another ${service}`, async () => (await pid()) !== before, 120_000);
  const healthz = `/api/v1/nodes/${node.name}/proxy/healthz`;
  await until(`${service} to answer`, () => lab.kubectl(['get', '--raw', healthz, '--request-timeout=5s']), 120_000);
}
