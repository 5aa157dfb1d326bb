import { until } from '../stories/until.js';
import { Viewer } from '../stories/viewer.js';
import { BridgeBed, IMAGE, isReady, NAMESPACE } from './bridge-bed.js';

describe('a bridge’s life', () => {
  let bed: BridgeBed;
  beforeEach(async () => {
    bed = await BridgeBed.start({
      bridge: { finishedTtlSeconds: 1, drainSeconds: 2 },
      options: { reconcileEvery: 100 },
    });
  });
  afterEach(() => bed.stop());

  const amounts = { cpu: '100m', memory: '64Mi', 'ephemeral-storage': '1Mi' };
  const resources = { requests: amounts, limits: amounts };
  const sandbox = (name: string, labels: Record<string, string>): object => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: NAMESPACE, labels: { 'app.kubernetes.io/name': 'claudecode-sandbox', ...labels } },
    spec: { containers: [{ name: 'sandbox', image: IMAGE, imagePullPolicy: 'Never', args: ['keeper'], resources }] },
  });
  const pods = async (): Promise<string[]> =>
    ((await bed.adminGet('pods')) as { items: { metadata: { name: string } }[] }).items.map(
      ({ metadata }) => metadata.name,
    );

  test('on SIGTERM it is no longer ready, refuses new viewers, and sends those there elsewhere, who go on where they were', async () => {
    const alice = await bed.api();
    const other = await bed.addBridge();
    const { id } = await alice.newSession();
    const viewer = await Viewer.attach(alice, id, { reconnect: false });
    const drained = bed.bridge.drain();
    const refused = new Viewer(alice, id, { reconnect: false });
    expect(await refused.closed()).toBe(1006);
    expect(await isReady(bed.bridge).catch(() => false)).toBe(false);
    expect(await viewer.closed()).toBe(1012);
    expect(await viewer.got('goaway')).toMatchObject({ code: 1012 });
    await drained;
    await expect(fetch(bed.url)).rejects.toThrow();
    const next = await Viewer.attach(alice.at(other.url), id, { reconnect: false });
    await next.run('same shell', /same shell/);
    await next.leave();
  });

  test('a new bridge finds the sessions of the one before', async () => {
    const alice = await bed.api();
    const { id } = await alice.newSession({ name: 'kept' });
    await bed.bridge.close();
    const next = await bed.addBridge();
    expect(await alice.at(next.url).sessions()).toMatchObject([{ id, name: 'kept' }]);
  });

  test('finished Pods go after their time, Pods without a session at once, others’ Pods never', async () => {
    const alice = await bed.api();
    const { id } = await alice.newSession();
    const viewer = await Viewer.attach(alice, id, { reconnect: false });
    bed.pocket.apply([
      sandbox('claudecode-sandbox-orphan', {}),
      sandbox('claudecode-sandbox-aaaaaaaaaaaa', { 'berth.dev/session': 'aaaaaaaaaaaa' }),
      { ...sandbox('somebody-elses', {}), metadata: { name: 'somebody-elses', namespace: NAMESPACE } },
    ]);
    viewer.type('!exit 0');
    expect(await viewer.closed()).toBe(4410);
    await until('only the stranger to be left', async () => (await pods()).join() === 'somebody-elses');
    await until('the reason to be all that is left', async () => (await alice.session(id)).status === 410);
    expect((await alice.session(id)).body.detail).toBe('told: exited');
    const [stranger] = ((await bed.adminGet('pods')) as { items: { metadata: { uid: string } }[] }).items;
    const others = (await bed.pocket.processes()).filter((each) => !each.container.startsWith(stranger!.metadata.uid));
    expect(others).toEqual([]);
  });

  test('the metrics count sessions by phase, viewers and calls', async () => {
    const alice = await bed.api();
    const { id } = await alice.newSession();
    const viewer = await Viewer.attach(alice, id);
    await viewer.run('bytes', /bytes/);
    expect(await bed.metric('berth_sessions{phase="running"}')).toBe(1);
    expect(await bed.metric('berth_viewers')).toBe(1);
    expect(await bed.metric('berth_execs_opened_total')).toBeGreaterThan(0);
    expect(await bed.metric('berth_viewer_sent_bytes_total')).toBeGreaterThan(0);
    expect(await bed.metric('berth_kubernetes_call_seconds_count')).toBeGreaterThan(0);
    await viewer.leave();
  });
});
