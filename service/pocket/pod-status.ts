import { randomBytes } from 'node:crypto';
import { timestamp } from './kube-object.js';
import {
  type ContainerState,
  type ContainerStatus,
  isFinished,
  type Pod,
  type PodCondition,
  type PodStatus,
} from './pod.js';

/** What a kubelet knows about one container. */
export interface ContainerFacts {
  readonly state: ContainerState;
  readonly lastState: ContainerState;
  readonly restartCount: number;
  /** @default none: it was never created */
  readonly containerID?: string | undefined;
}

/** What a kubelet knows about a Pod of its node. */
export interface PodFacts {
  readonly containers: ReadonlyMap<string, ContainerFacts>;
  readonly startTime: string;
  readonly podIP: string;
  /** Why the kubelet ended it; shown once its containers have stopped. @default none: it ends by itself */
  readonly verdict?: { readonly reason: string; readonly message: string } | undefined;
}

/** A Pod's status as a kubelet would write it. Times of conditions that did not change are kept. */
export function podStatus(pod: Pod, facts: PodFacts): PodStatus {
  const containerStatuses = pod.spec.containers.map((container): ContainerStatus => {
    const known = facts.containers.get(container.name);
    const state = known?.state ?? { waiting: { reason: 'ContainerCreating' } };
    const running = state.running !== undefined;
    return {
      name: container.name,
      image: container.image,
      imageID: known?.containerID === undefined ? '' : container.image,
      ready: running,
      started: running,
      restartCount: known?.restartCount ?? 0,
      state,
      lastState: known?.lastState ?? {},
      ...(known?.containerID === undefined ? {} : { containerID: known.containerID }),
    };
  });
  const phase = phaseOf(pod, containerStatuses, facts);
  const finished = phase === 'Succeeded' || phase === 'Failed';
  const created = containerStatuses.some((status) => status.containerID !== undefined);
  return {
    ...pod.status,
    phase,
    conditions: conditions(pod, containerStatuses, { phase, finished, created }),
    hostIP: '127.0.0.1',
    hostIPs: [{ ip: '127.0.0.1' }],
    ...(created ? { podIP: facts.podIP, podIPs: [{ ip: facts.podIP }] } : {}),
    startTime: facts.startTime,
    containerStatuses,
    qosClass: 'Burstable',
    ...(finished && facts.verdict !== undefined ? facts.verdict : {}),
  };
}

function phaseOf(pod: Pod, statuses: readonly ContainerStatus[], facts: PodFacts): PodStatus['phase'] {
  if (isFinished(pod)) return pod.status.phase;
  const live = statuses.filter((status) => status.state.terminated === undefined);
  const restarts = pod.spec.restartPolicy !== 'Never' && facts.verdict === undefined;
  const ended = statuses.filter((status) => status.state.terminated !== undefined);
  const again = pod.spec.restartPolicy === 'Always' || ended.some((status) => status.state.terminated?.exitCode !== 0);
  const stopping = pod.metadata.deletionTimestamp !== undefined;
  if (live.length === 0 && !(restarts && again && !stopping)) {
    if (facts.verdict !== undefined) return 'Failed';
    return statuses.every((status) => status.state.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed';
  }
  const started = statuses.some((status) => status.state.waiting === undefined || status.restartCount > 0);
  if (facts.verdict !== undefined && statuses.every((status) => status.state.running === undefined)) return 'Failed';
  return started ? 'Running' : 'Pending';
}

function conditions(
  pod: Pod,
  statuses: readonly ContainerStatus[],
  { phase, finished, created }: { phase: PodStatus['phase']; finished: boolean; created: boolean },
): PodCondition[] {
  const unready = statuses.filter((status) => !status.ready).map((status) => status.name);
  const ready =
    unready.length === 0
      ? { status: 'True' as const }
      : finished
        ? { status: 'False' as const, reason: phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed' }
        : {
            status: 'False' as const,
            reason: 'ContainersNotReady',
            message: `containers with unready status: [${unready.join(' ')}]`,
          };
  const initialized = finished && phase === 'Succeeded' ? { reason: 'PodCompleted' } : {};
  const rows: [string, Pick<PodCondition, 'status' | 'reason' | 'message'>][] = [
    ['PodReadyToStartContainers', { status: created && !finished ? 'True' : 'False' }],
    ['Initialized', { status: 'True', ...initialized }],
    ['Ready', ready],
    ['ContainersReady', ready],
    ['PodScheduled', { status: 'True' }],
  ];
  const ours = rows.map(([type, row]): PodCondition => {
    const before = pod.status.conditions?.find((condition) => condition.type === type);
    const lastTransitionTime = before?.status === row.status ? before.lastTransitionTime : timestamp();
    return { type, lastProbeTime: null, lastTransitionTime, ...row };
  });
  const types = ours.map((condition) => condition.type);
  return [...ours, ...(pod.status.conditions ?? []).filter((condition) => !types.includes(condition.type))];
}

/** The identifier of a new container, in containerd's form. */
export function newContainerID(): string {
  return `containerd://${randomBytes(32).toString('hex')}`;
}
