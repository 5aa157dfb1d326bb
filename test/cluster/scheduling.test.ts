import { jest } from '@jest/globals';
import { IMAGES, imageArchive, imageReference } from '../../service/images/image.js';
import type { Progress, ProgressStep } from '../../service/protocol/control-message.js';
import { LOCAL_PLACES } from '../images/local-images.js';
import { until } from '../stories/until.js';
import type { Viewer } from '../stories/viewer.js';
import { ClusterStage } from './cluster-stage.js';
import { eventually } from './eventually.js';
import { dismissLast, joinNext, openLab } from './lab-record.js';
import type { Lab } from './lab.js';
import type { UserName } from './stage-record.js';
import { Visit } from './visit.js';

jest.setTimeout(300_000);

const CARDS = 4;

/** These stories follow one another: the cards that one takes are those that the next one lacks. */
describe('GPU profiles on a cluster with two GPU workers', () => {
  let stage: ClusterStage;
  let lab: Lab;
  let joined = false;
  let waiting: Viewer;
  const users: Partial<Record<UserName, Visit>> = {};

  const visit = async (user: UserName): Promise<Visit> => (users[user] ??= await Visit.begin(stage, user));

  /** What a viewer was last told about a step of the start. */
  const told = (viewer: Viewer, step: ProgressStep): Progress | undefined =>
    viewer.messages.findLast((message): message is Progress => message.type === 'progress' && message.step === step);

  const cardOf = async (session: string): Promise<string> => {
    const print = ['--', 'sh', '-c', 'echo $NVIDIA_VISIBLE_DEVICES'];
    return (await stage.inNamespace('exec', `claudecode-sandbox-${session}`, '-c', 'sandbox', ...print)).trim();
  };

  beforeAll(async () => {
    stage = await ClusterStage.open();
    const found = await openLab(process.env['BERTH_LAB']);
    if (found === undefined) throw new Error('no lab runs: use `npm run test:cluster`');
    lab = found;
  });

  afterAll(async () => {
    for (const each of Object.values(users)) await each.end();
    if (joined) await dismissLast(lab);
    await stage.stop();
  });

  test.each([
    ['gpu-t4', 'worker-t4', 'alice'],
    ['gpu-a2', 'worker-a2', 'bob'],
  ] as const)('%s runs on %s, and each of its four sandboxes has a card of its own', async (profile, node, user) => {
    const owner = await visit(user);
    const cards: string[] = [];
    for (let card = 0; card < CARDS; card += 1) {
      const { session } = await owner.work(profile);
      expect((await owner.api.session(session.id)).body).toMatchObject({ phase: 'running', node });
      cards.push(await cardOf(session.id));
    }
    expect(new Set(cards).size).toBe(CARDS);
  });

  test('beyond the quota a session is refused, and the answer names the quota', async () => {
    const carol = await visit('carol');
    const { status, body } = await carol.api.create({ profile: 'gpu-t4' });
    expect([status, body.code]).toEqual([503, 'cluster-full']);
    expect(body.detail).toMatch(
      /exceeded quota: gpus, requested: requests.nvidia.com\/gpu=1, used: .*=8, limited: .*=8/,
    );
  });

  test('without a free card of its kind a session waits, and its viewer and the list read why', async () => {
    await users.bob?.end();
    const carol = await visit('carol');
    const session = await carol.start('gpu-t4');
    waiting = carol.look(session.id);
    const why = await until('the reason', () => {
      const scheduled = told(waiting, 'scheduled');
      return scheduled?.message.includes('Insufficient nvidia.com/gpu') === true ? scheduled : undefined;
    });
    expect(why.state).toBe('waiting');
    expect(why.message).toContain('No node has room for it now; it waits in the queue.');
    const [listed] = await carol.api.sessions();
    expect(listed).toMatchObject({ phase: 'starting', message: why.message });
  });

  test('a worker that joins is used at once, without a change of a manifest: all it lacks is the image, which is said', async () => {
    lab = (await joinNext(lab)).lab;
    joined = true;
    const problem = await until(
      'the new node to be chosen and to lack the image',
      () => {
        const image = told(waiting, 'image');
        return image?.state === 'failed' ? image : undefined;
      },
      120_000,
    );
    const [sandbox] = IMAGES.filter(({ name }) => name === 'claudecode-sandbox');
    const reference = imageReference(sandbox!, LOCAL_PLACES);
    expect(told(waiting, 'scheduled')?.message).toContain('worker-t4-2');
    expect(problem.message).toContain(`The image ${reference} is not on the node`);
    expect(problem.message).toContain('npm run images');
    expect(problem.message).toContain('ErrImageNeverPull');

    const node = lab.node('worker-t4-2');
    await lab.importImages(node, [{ reference, file: imageArchive(sandbox!, LOCAL_PLACES) }]);
    await waiting.got('hello');
    await waiting.run('echo on $((40+2))', /on 42/);
  });

  test('nothing is left of it when the worker goes again', async () => {
    await users.carol?.end();
    ({ lab } = await dismissLast(lab));
    joined = false;
    const names = (await stage.kubectl.run(['get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}'])).split(' ');
    expect(names.sort()).toEqual(lab.nodes.map(({ name }) => name).sort());
    // The garbage collector looks every 20 s and believes that a node is gone after 40.
    const itsPodsAreGone = async (): Promise<boolean> => {
      const nodes = await stage.kubectl.run(['get', 'pods', '-A', '-o', 'jsonpath={.items[*].spec.nodeName}']);
      return !nodes.includes('worker-t4-2');
    };
    await eventually('its Pods to be gone', itsPodsAreGone, { within: 180_000 });
  });
});
