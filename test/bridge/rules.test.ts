import type { Pod, PodStatus } from '../../service/bridge/sessions/pod.js';
import { reasonToReap } from '../../service/bridge/sessions/reconciler.js';
import { endOf } from '../../service/bridge/sessions/session-end.js';
import { phaseOf, takesPlace } from '../../service/bridge/sessions/session-phase.js';
import { startProgress, troubleOf } from '../../service/bridge/sessions/start-progress.js';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const ago = (seconds: number): string => new Date(NOW - seconds * 1000).toISOString();
const ready = (status: string, containers = status): NonNullable<PodStatus['conditions']> => [
  { type: 'Ready', status },
  { type: 'ContainersReady', status: containers },
];
const terminated = (
  exitCode: number,
  message?: string,
  reason?: string,
): NonNullable<PodStatus['containerStatuses']> => [
  {
    name: 'sandbox',
    state: { terminated: { exitCode, finishedAt: ago(10), ...(message && { message }), ...(reason && { reason }) } },
  },
];

function pod(status: PodStatus = {}, metadata: Partial<Pod['metadata']> = {}): Pod {
  return {
    metadata: {
      name: 'claudecode-sandbox-aaaaaaaaaaaa',
      uid: 'u',
      creationTimestamp: ago(100),
      labels: { 'berth.dev/session': 'aaaaaaaaaaaa', 'berth.dev/user': 'alice' },
      ...metadata,
    },
    spec: { activeDeadlineSeconds: 1000, containers: [{ name: 'sandbox', image: 'sandbox:1' }] },
    status,
  };
}

describe('phases', () => {
  test.each([
    ['starting', {}, {}],
    ['starting', { phase: 'Pending' }, {}],
    ['starting', { phase: 'Running', conditions: ready('False') }, {}],
    ['running', { phase: 'Running', conditions: ready('True') }, {}],
    ['lost', { phase: 'Running', conditions: ready('False', 'True') }, {}],
    ['lost', { phase: 'Running', conditions: ready('Unknown') }, {}],
    ['ending', { phase: 'Running', conditions: ready('True') }, { deletionTimestamp: ago(5) }],
    ['lost', { phase: 'Running', conditions: ready('True') }, { deletionTimestamp: ago(61) }],
    ['lost', { phase: 'Running', conditions: ready('False', 'True') }, { deletionTimestamp: ago(5) }],
    ['ending', { phase: 'Running', conditions: ready('False', 'False') }, { deletionTimestamp: ago(5) }],
    ['ended', { phase: 'Failed' }, {}],
    ['ended', { phase: 'Succeeded' }, { deletionTimestamp: ago(61) }],
  ])('%s: %j %j', (phase, status, metadata) => {
    expect(phaseOf(pod(status, metadata), NOW)).toBe(phase);
    expect(takesPlace(pod(status, metadata), NOW)).toBe(phase === 'starting' || phase === 'running');
  });
});

describe('why a session ended', () => {
  test.each([
    ['exited', { containerStatuses: terminated(7, '{"reason":"exited","message":"exit 7","code":7}') }],
    ['idle', { containerStatuses: terminated(0, '{"reason":"idle","message":""}') }],
    ['exited', { containerStatuses: terminated(0) }],
    ['failed', { containerStatuses: terminated(2, 'not JSON') }],
    ['failed', { containerStatuses: terminated(2, '{"reason":"invented"}') }],
    ['out-of-memory', { containerStatuses: terminated(137, undefined, 'OOMKilled') }],
    ['lost', { phase: 'Failed', containerStatuses: terminated(255, undefined, 'Unknown') }],
    ['ended', { containerStatuses: terminated(143) }],
    ['evicted', { reason: 'Evicted', containerStatuses: terminated(0, '{"reason":"ended"}') }],
    ['deadline', { reason: 'DeadlineExceeded', containerStatuses: terminated(137) }],
    ['lost', { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager' }] }],
    ['evicted', { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }] }],
    ['failed', { phase: 'Failed' }],
    ['ended', {}],
  ])('%s: %j', (reason, status) => {
    const end = endOf(pod(status));
    expect(end.reason).toBe(reason);
    expect(end.message).not.toBe('');
  });
});

describe('the reconciler', () => {
  const rules = { finishedSeconds: 300, startSeconds: 3600 };
  const labels = { 'berth.dev/session': 'aaaaaaaaaaaa', 'berth.dev/user': 'alice' };
  test.each([
    ['a healthy one stays', undefined, { phase: 'Running', conditions: ready('True') }, {}],
    ['a fresh one stays', undefined, {}, {}],
    ['one that is on its way already stays', undefined, {}, { labels: {}, deletionTimestamp: ago(9999) }],
    ['one without a session goes', 'no session', {}, { labels: {} }],
    ['one whose name is another session’s goes', 'no session', {}, { name: 'claudecode-sandbox-bbbbbbbbbbbb' }],
    ['one without a user goes', 'no user', {}, { labels: { ...labels, 'berth.dev/user': '' } }],
    [
      'a finished one stays while its reason may be read',
      undefined,
      { phase: 'Failed', containerStatuses: terminated(1) },
      {},
    ],
    [
      'a finished one goes after that',
      'finished',
      { phase: 'Failed', conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: ago(301) }] },
      {},
    ],
    [
      'one that waits too long for a node goes',
      'did not start',
      { phase: 'Pending' },
      { creationTimestamp: ago(3601) },
    ],
    [
      'one past its hard limit goes',
      'limit of 1000 s',
      { phase: 'Running', startTime: ago(1121), conditions: ready('True') },
      {},
    ],
    [
      'one just past it is the kubelet’s',
      undefined,
      { phase: 'Running', startTime: ago(1060), conditions: ready('True') },
      {},
    ],
  ])('%s', (_title, reason, status, metadata) => {
    const said = reasonToReap(pod(status, metadata), rules, NOW);
    if (reason === undefined) expect(said).toBeUndefined();
    else expect(said).toContain(reason);
  });
});

describe('the start’s progress', () => {
  const waiting = (reason: string, message = ''): PodStatus => ({
    conditions: [{ type: 'PodScheduled', status: 'True' }],
    containerStatuses: [{ name: 'sandbox', state: { waiting: { reason, message } } }],
  });
  const said = (status: PodStatus): string => {
    const { step = '', state = '', message = '' } = troubleOf(pod(status)) ?? {};
    return `${step} ${state}: ${message}`;
  };

  test.each([
    ['ErrImageNeverPull', /^image failed: The image sandbox:1 is not on the node.*npm run images/],
    ['InvalidImageName', /^image failed: sandbox:1 is not a valid image name/],
    ['ImagePullBackOff', /^image failed/],
    ['CreateContainerConfigError', /^started failed: The profile names something that does not exist/],
    ['RunContainerError', /^started failed/],
  ])('%s says what to do', (reason, text) => {
    expect(said(waiting(reason))).toMatch(text);
  });

  test('no room is a queue, not a failure; a container that is being made is nothing to worry about', () => {
    const message = '0/1 nodes are available: 1 Insufficient nvidia.com/gpu.';
    const unschedulable = { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }] };
    expect(said(unschedulable)).toBe(
      `scheduled waiting: No node has room for it now; it waits in the queue. ${message}`,
    );
    expect(troubleOf(pod(waiting('ContainerCreating')))).toBeUndefined();
  });

  test('the node’s own warnings come from events', () => {
    const events = [{ metadata: { name: 'e' }, reason: 'FailedMount', message: 'no such claim' }];
    expect(troubleOf(pod(waiting('ContainerCreating')), events)?.message).toBe('FailedMount: no such claim');
  });

  test('every step is told, in order, done or waiting', () => {
    const states = (status: PodStatus): string[] =>
      startProgress(pod(status)).map(({ step, state }) => `${step} ${state}`);
    expect(states({})).toEqual([
      'created done',
      'scheduled waiting',
      'image waiting',
      'started waiting',
      'ready waiting',
    ]);
    expect(states({ conditions: ready('True') })).toEqual([
      'created done',
      'scheduled done',
      'image done',
      'started done',
      'ready done',
    ]);
  });
});
