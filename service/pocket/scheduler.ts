import type { EventRecorder } from './event-recorder.js';
import { type KubeObject, recordOf, timestamp } from './kube-object.js';
import type { ObjectStore } from './object-store.js';
import { asPod, isFinished, type Pod, type PodSpec } from './pod.js';
import { parseQuantity } from './quantity.js';
import { NODES, PODS } from './resource-kind.js';

/** Gives Pods their node, or says why none fits, as kube-scheduler does for a cluster of one node. */
export class Scheduler {
  private retry: NodeJS.Immediate | undefined;
  private readonly unsubscribe: () => void;

  constructor(
    private readonly store: ObjectStore,
    private readonly recorder: EventRecorder,
  ) {
    this.unsubscribe = store.subscribe(({ type, kind, object }) => {
      if (kind === NODES) this.retryLater();
      if (kind !== PODS) return;
      if (type === 'ADDED') this.schedule(asPod(object));
      else if (type === 'DELETED' || isFinished(asPod(object))) this.retryLater();
    });
  }

  stop(): void {
    this.unsubscribe();
    clearImmediate(this.retry);
  }

  /** Room may have appeared: look at the waiting Pods again, once for any number of changes. */
  private retryLater(): void {
    this.retry ??= setImmediate(() => {
      this.retry = undefined;
      for (const pod of this.store.list(PODS)) this.schedule(asPod(pod));
    });
  }

  private schedule(seen: Pod): void {
    const current = this.store.get(PODS, seen.metadata.namespace, seen.metadata.name);
    if (current?.metadata.uid !== seen.metadata.uid) return;
    const pod = asPod(current);
    if (pod.spec.nodeName !== undefined || pod.metadata.deletionTimestamp !== undefined || isFinished(pod)) return;
    const [node] = this.store.list(NODES);
    const problem = node === undefined ? 'no nodes available to schedule pods' : this.problem(pod.spec, node);
    const condition = (status: 'True' | 'False', rest = {}): Pod['status']['conditions'] => [
      { type: 'PodScheduled', status, lastProbeTime: null, lastTransitionTime: timestamp(), ...rest },
    ];
    if (node === undefined || problem !== undefined) {
      const message = problem ?? '';
      const known = pod.status.conditions?.find((row) => row.type === 'PodScheduled');
      if (known?.message === message) return;
      const conditions = condition('False', { reason: 'Unschedulable', message });
      this.store.update(PODS, pod, { ...pod, status: { ...pod.status, conditions } });
      this.recorder.record(pod, 'Warning', 'FailedScheduling', message);
      return;
    }
    const nodeName = node.metadata.name;
    const status = { ...pod.status, conditions: condition('True') };
    this.store.update(PODS, pod, { ...pod, spec: { ...pod.spec, nodeName }, status });
    const whole = `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`;
    this.recorder.record(pod, 'Normal', 'Scheduled', `Successfully assigned ${whole} to ${nodeName}`);
  }

  private problem(spec: PodSpec, node: KubeObject): string | undefined {
    const tolerated = tolerates(spec, node);
    const selected = Object.entries(spec.nodeSelector ?? {}).every(
      ([key, value]) => node.metadata.labels?.[key] === value,
    );
    const lacking = this.lacking(spec, node);
    if (tolerated && selected && lacking.length === 0) return undefined;
    // The filters run in this order and the first that refuses is the one that is named.
    const [why, helpful] = !tolerated
      ? ['1 node(s) had untolerated taint(s)', false]
      : !selected
        ? ["1 node(s) didn't match Pod's node affinity/selector", false]
        : [
            lacking
              .map((resource) => (resource === 'pods' ? '1 Too many pods' : `1 Insufficient ${resource}`))
              .join(', '),
            true,
          ];
    const preemption =
      spec.preemptionPolicy === 'Never'
        ? 'not eligible due to preemptionPolicy=Never.'
        : `0/1 nodes are available: 1 ${helpful ? 'No preemption victims found for incoming pod' : 'Preemption is not helpful for scheduling'}.`;
    return `0/1 nodes are available: ${why}. no new claims to deallocate, preemption: ${preemption}`;
  }

  private lacking(spec: PodSpec, node: KubeObject): string[] {
    const wanted = requests(spec);
    const taken: Record<string, number> = { pods: 0 };
    for (const pod of this.store.list(PODS).map(asPod)) {
      if (pod.spec.nodeName !== node.metadata.name || isFinished(pod)) continue;
      for (const [resource, amount] of Object.entries(requests(pod.spec)))
        taken[resource] = (taken[resource] ?? 0) + amount;
    }
    const allocatable = recordOf(recordOf(node['status'])['allocatable']) as Record<string, string>;
    return Object.entries(wanted)
      .filter(
        ([resource, amount]) =>
          amount > 0 && (taken[resource] ?? 0) + amount > (parseQuantity(allocatable[resource] ?? 0) ?? 0),
      )
      .map(([resource]) => resource);
  }
}

function requests(spec: PodSpec): Record<string, number> {
  const sum: Record<string, number> = { pods: 1 };
  for (const container of spec.containers) {
    for (const [resource, amount] of Object.entries(container.resources?.requests ?? {})) {
      sum[resource] = (sum[resource] ?? 0) + (parseQuantity(amount) ?? 0);
    }
  }
  return sum;
}

function tolerates(spec: PodSpec, node: KubeObject): boolean {
  const taints = recordOf(node['spec'])['taints'];
  if (!Array.isArray(taints)) return true;
  return taints
    .map(recordOf)
    .every(
      (taint) =>
        taint['effect'] === 'PreferNoSchedule' ||
        (spec.tolerations ?? []).some(
          ({ key, operator, value, effect }) =>
            (key === undefined ? operator === 'Exists' : key === taint['key']) &&
            (operator === 'Exists' || (value ?? '') === (taint['value'] ?? '')) &&
            (effect === undefined || effect === '' || effect === taint['effect']),
        ),
    );
}
