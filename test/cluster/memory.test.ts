import { jest } from '@jest/globals';
import { until } from '../stories/until.js';
import { ClusterStage } from './cluster-stage.js';
import { Visit } from './visit.js';

jest.setTimeout(180_000);

/*
 * The lab has cgroup v1 alone, where the kernel kills the greedy process and the container lives. With v2 the kubelet's
 * default kills the whole container; that the viewer then reads OOMKilled is a story of the pocket cluster
 * (test/bridge/terminal.test.ts).
 */
describe('a sandbox that runs out of memory', () => {
  let stage: ClusterStage;
  let alice: Visit;

  beforeAll(async () => {
    stage = await ClusterStage.open();
    await stage.changeProfile('tight', ({ resources }) => {
      resources.limits['memory'] = '256Mi';
      resources.requests['memory'] = '128Mi';
    });
    alice = await Visit.begin(stage);
    await until('the profile to be offered', async () =>
      (await alice.api.profiles()).some(({ name }) => name === 'tight'),
    );
  });

  afterAll(async () => {
    await alice.end();
    await stage.stop();
  });

  test('loses the process that took it all and keeps its shell, and the terminal says so', async () => {
    const { session, viewer } = await alice.work('tight');
    await viewer.run('echo shell $$', /shell \d+/);
    const shell = /shell (\d+)/.exec(viewer.bytes.toString())?.[1] ?? '';
    // Zeros without an end of line: it keeps all of them.
    viewer.type('tail /dev/zero; echo code $?\r');
    await viewer.sees(/code 137/);
    const told = await until('the terminal to say so', () =>
      viewer.messages.find((message) => message.type === 'notice' && message.notice === 'out-of-memory'),
    );
    expect(told).toMatchObject({ message: expect.stringMatching(/memory/) as string });
    await viewer.run('echo shell $$', new RegExp(`shell ${shell}`));
    expect((await alice.api.session(session.id)).body.phase).toBe('running');
    const container = (await stage.sandbox(session.id))?.status.containerStatuses?.[0];
    expect(container).toMatchObject({ restartCount: 0, ready: true });
  });
});
