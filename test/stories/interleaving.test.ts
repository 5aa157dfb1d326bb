import fc from 'fast-check';
import { ApiClient } from './api-client.js';
import { PocketStage } from './pocket-stage.js';
import { until } from './until.js';
import { Viewer } from './viewer.js';

type Step =
  'create' | 'attach' | 'work' | 'drop' | 'leave' | 'end' | 'delete Pod' | 'cut streams' | 'crash bridge' | 'exit';

const STEPS: readonly (readonly [Step, number])[] = [
  ['create', 4],
  ['attach', 4],
  ['work', 4],
  ['drop', 3],
  ['leave', 2],
  ['end', 2],
  ['delete Pod', 1],
  ['cut streams', 2],
  ['crash bridge', 1],
  ['exit', 1],
];

const step = fc.record({
  step: fc.oneof(...STEPS.map(([arbitrary, weight]) => ({ arbitrary: fc.constant(arbitrary), weight }))),
  pick: fc.nat({ max: 100 }),
});

describe('whatever happens in whatever order', () => {
  let stage: PocketStage;

  beforeAll(async () => {
    stage = await PocketStage.open({ replicas: 1, environment: { VIEWERS_PER_SESSION: '50' } });
  });

  afterAll(() => stage.stop());

  test('no Pod and no process is left without a session', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
        const alice = await ApiClient.login(stage.urls[0]!, stage.tokens.alice);
        const [sessions, viewers]: [string[], Viewer[]] = [[], []];
        for (const { step: name, pick } of steps) await take(alice, sessions, viewers, name, pick);

        // Every Pod that there is belongs to a session that its user can see, and so can end.
        let known: string[] = [];
        await until('every Pod to be in the list', async () => {
          known = (await alice.sessions()).map(({ id }) => id);
          return (await stage.sandboxes()).every((id) => known.includes(id));
        });
        await Promise.all(viewers.map((viewer) => viewer.leave()));
        await Promise.all(known.map((id) => alice.end(id)));
        await until('every Pod to be gone', async () => (await stage.sandboxes()).length === 0);
        await until('every process to be gone', async () => (await stage.processes()).length === 0);
      }),
      { numRuns: 10, endOnFailure: true },
    );
  }, 300_000);

  const take = async (
    alice: ApiClient,
    sessions: string[],
    viewers: Viewer[],
    name: Step,
    pick: number,
  ): Promise<void> => {
    const session = sessions[pick % Math.max(1, sessions.length)];
    const viewer = viewers[pick % Math.max(1, viewers.length)];
    if (name === 'create') sessions.push((await alice.newSession()).id);
    if (name === 'crash bridge') await stage.crashBridge();
    if (name === 'drop') viewer?.drop();
    if (name === 'leave') await viewer?.leave();
    if (name === 'exit') viewer?.type('exit\r');
    if (session === undefined) return;
    // Not awaited until Ready: half of the point is what happens before that.
    if (name === 'attach') viewers.push(new Viewer(alice, session));
    if (name === 'work') {
      const worker = new Viewer(alice, session);
      viewers.push(worker);
      // A session that is gone has no hello.
      await worker.got('hello').then(
        () => worker.type('sleep 1000 & yes | head -100000\r'),
        () => undefined,
      );
    }
    if (name === 'end') await alice.end(session);
    if (name === 'cut streams') await stage.cutStreams(session);
    if (name === 'delete Pod' && (await stage.sandboxes()).includes(session)) await stage.deletePod(session);
  };
});
