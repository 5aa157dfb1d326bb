import { jest } from '@jest/globals';
import type { Manifest } from '../stories/pocket-stage.js';
import { profileLikeSmall } from '../stories/pocket-stage.js';
import { until } from '../stories/until.js';
import type { Viewer } from '../stories/viewer.js';
import { ClusterStage } from './cluster-stage.js';
import { setPlugged } from './lab-network.js';
import type { Lab } from './lab.js';
import { openLab } from './lab-record.js';
import { Visit } from './visit.js';

jest.setTimeout(600_000);

/** A node controller takes about 50 s to notice, on a busy machine more. Milliseconds. */
const NOTICED = 150_000;

const PROFILES = {
  /** Sandboxes here are given up soon; the API server's own default is 300 s. */
  brief: { node: 'worker-t4', tolerationSeconds: 15 },
  patient: { node: 'worker-a2', tolerationSeconds: 300 },
} as const;

/** A profile like `small` whose sandboxes run on one worker and outlive its silence for a time. */
async function pinnedProfile(name: keyof typeof PROFILES): Promise<Manifest> {
  const { node, tolerationSeconds } = PROFILES[name];
  const profile = await profileLikeSmall(name, () => undefined);
  const { template } = profile as unknown as { template: { spec: Record<string, unknown> } };
  const silent = ['unreachable', 'not-ready'].map((kind) => ({
    ...{ key: `node.kubernetes.io/${kind}`, operator: 'Exists', effect: 'NoExecute' },
    tolerationSeconds,
  }));
  template.spec['nodeSelector'] = { 'kubernetes.io/hostname': node };
  template.spec['tolerations'] = [{ key: 'nvidia.com/gpu', operator: 'Exists' }, ...silent];
  return profile;
}

describe('a node that is lost', () => {
  let stage: ClusterStage;
  let lab: Lab;
  let alice: Visit;

  const heard = (viewer: Viewer, notice: string, text: RegExp): Promise<string> =>
    until(
      `the notice ${notice}, ${String(text)}`,
      () =>
        viewer.messages
          .flatMap((message) => (message.type === 'notice' && message.notice === notice ? [message.message] : []))
          .find((message) => text.test(message)),
      NOTICED,
    );

  const phaseOf = async (id: string): Promise<string | undefined> =>
    (await alice.api.sessions()).find((session) => session.id === id)?.phase;

  const attachments = async (id: string): Promise<number> =>
    (await stage.processes(id)).filter((line) => /keeper\.sock|keeper-attach/.test(line)).length;

  beforeAll(async () => {
    stage = await ClusterStage.open();
    const found = await openLab(process.env['BERTH_LAB']);
    if (found === undefined) throw new Error('no lab runs: use `npm run test:cluster`');
    lab = found;
    await stage.kubectl.apply(await pinnedProfile('brief'), await pinnedProfile('patient'));
  });

  beforeEach(async () => {
    alice = await Visit.begin(stage);
    await until('the profiles to be offered', async () => (await alice.api.profiles()).length >= 6);
  });

  afterEach(async () => {
    await alice.end();
    await lab.waitReady();
  });

  afterAll(async () => {
    await stage.inNamespace('delete', 'podtemplate', ...Object.keys(PROFILES));
    await stage.stop();
  });

  test('by a crash: who watches is told, who works elsewhere is not held up, and the end comes when the node returns', async () => {
    const node = lab.node(PROFILES.brief.node);
    const { session, viewer } = await alice.work('brief');
    const { uid } = (await stage.sandbox(session.id))!.metadata;
    await lab.host(node).crash();

    const since = 'does not answer since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC\\.';
    const told = await heard(viewer, 'node-lost', new RegExp(`^Node ${node.name} ${since}`));
    const listed = (await alice.api.sessions()).find(({ id }) => id === session.id);
    expect(listed).toMatchObject({ phase: 'lost', node: node.name });
    expect(listed?.message).toContain(told.split('. ')[0]);
    await alice.work();

    await heard(viewer, 'node-lost', /has been given up and ends when the node returns/);
    // As many as a user may have, beside the one that nobody can end.
    for (let more = 1; more < 4; more += 1) await alice.start();
    expect((await alice.api.create()).body.code).toBe('too-many-sessions');
    const terminating = (await stage.sandbox(session.id))!;
    expect(terminating.metadata.uid).toBe(uid);
    expect(terminating.metadata.deletionTimestamp).toBeDefined();
    expect(await phaseOf(session.id)).toBe('lost');

    await lab.reboot(node);
    expect(await viewer.closed()).toBe(4410);
    expect(await viewer.got('exit')).toMatchObject({ reason: 'lost' });
    await until('the Pod to be gone', async () => (await stage.sandbox(session.id)) === undefined, NOTICED);
    expect((await alice.api.session(session.id)).body.code).toBe('session-ended');
  });

  test('by a crash, and back before it is given up: the session ends, and why is said', async () => {
    const node = lab.node(PROFILES.patient.node);
    const { viewer } = await alice.work('patient');
    await lab.host(node).crash();
    await lab.reboot(node);
    await until('the end to be told', () => viewer.messages.some(({ type }) => type === 'exit'), NOTICED);
    expect(await viewer.got('exit')).toMatchObject({ reason: 'lost' });
  });

  test('by a partition: when it heals, the same shell goes on and no process is left over', async () => {
    const node = lab.node(PROFILES.patient.node);
    const { session, viewer } = await alice.work('patient');
    await viewer.run('echo shell $$', /shell \d+/);
    const shell = /shell (\d+)/.exec(viewer.bytes.toString())?.[1] ?? '';
    await setPlugged(lab.plan, node, false);
    try {
      viewer.type('echo typed into the void; echo shell $$\r');
      await heard(viewer, 'node-lost', new RegExp(`^Node ${node.name} does not answer since`));
      expect(await phaseOf(session.id)).toBe('lost');
    } finally {
      await setPlugged(lab.plan, node, true);
    }
    await until('the session to run again', async () => (await phaseOf(session.id)) === 'running', NOTICED);
    await viewer.sees(/void\r?\n/);
    await viewer.sees(new RegExp(`shell ${shell}`));
    expect(viewer.bytes.toString().match(/^typed into the void/gm)).toHaveLength(1);
    // A keeper closes an attachment that has been silent for 45 s.
    await until('one attachment to be left', async () => (await attachments(session.id)) === 1, NOTICED);
  });
});
