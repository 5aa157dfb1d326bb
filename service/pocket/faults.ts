import type { ApiRequest, Verb } from './api-request.js';
import type { EventRecorder } from './event-recorder.js';
import type { ExecEndpoint } from './exec-endpoint.js';
import type { ExecStream } from './exec-stream.js';
import { type KubeObject, recordOf, timestamp } from './kube-object.js';
import type { Kubelet } from './kubelet.js';
import type { ObjectStore } from './object-store.js';
import { asPod, type Pod, type PodCondition } from './pod.js';
import type { PodRunner } from './pod-runner.js';
import { NODES, PODS } from './resource-kind.js';
import type { ResourceApi } from './resource-api.js';
import { StatusError } from './status-error.js';

/** Requests to refuse. */
export interface Refusal {
  readonly verb: Verb;
  /** As in a Role: `pods`, `pods/exec`. */
  readonly resource: string;
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  /** How many requests. @default until it is lifted */
  readonly times?: number;
}

/** What faults act upon. */
export interface FaultsProps {
  readonly store: ObjectStore;
  readonly resources: ResourceApi;
  readonly recorder: EventRecorder;
  readonly kubelet: Kubelet;
  readonly exec: ExecEndpoint;
  readonly node: string;
}

/** What goes wrong in a real cluster, on demand. */
export class Faults {
  private readonly refusals = new Map<symbol, { readonly rule: Refusal; left: number }>();

  constructor(private readonly props: FaultsProps) {}

  /** New Pods wait this many milliseconds before their containers are created. */
  slowStart(milliseconds: number): void {
    this.props.kubelet.startDelay = milliseconds;
  }

  /** Refuses requests with a Status. Returns how to lift it. */
  refuse(rule: Refusal): () => void {
    const id = Symbol(rule.resource);
    this.refusals.set(id, { rule, left: rule.times ?? Infinity });
    return () => this.refusals.delete(id);
  }

  /** @throws StatusError when a refusal covers the request */
  check(request: ApiRequest): void {
    const resource =
      request.subresource === undefined ? request.kind.plural : `${request.kind.plural}/${request.subresource}`;
    for (const [id, refusal] of this.refusals) {
      const { rule } = refusal;
      if (rule.verb !== request.verb || rule.resource !== resource) continue;
      refusal.left -= 1;
      if (refusal.left <= 0) this.refusals.delete(id);
      throw new StatusError(rule.code, rule.reason, rule.message);
    }
  }

  /** Breaks every exec stream, or those of one Pod, between client and API server: without a Status. Returns how many. */
  killStreams(namespace?: string, pod?: string): number {
    const streams = this.streamsOf(namespace, pod);
    for (const stream of streams) stream.kill();
    return streams.length;
  }

  /** Breaks them between API server and node: the client is told Success. Returns how many. */
  killNodeStreams(namespace?: string, pod?: string): number {
    const streams = this.streamsOf(namespace, pod);
    for (const stream of streams) stream.loseNode();
    return streams.length;
  }

  /** Deletes a Pod as somebody with kubectl would. */
  deletePod(namespace: string, name: string, graceSeconds?: number): void {
    this.props.resources.remove(PODS, this.pod(namespace, name), graceSeconds);
  }

  /** Evicts a Pod as a kubelet does that runs out of something. It stays, failed. */
  evict(namespace: string, name: string, message = 'The node was low on resource: memory.'): void {
    this.runner(namespace, name).condemn('Evicted', message, 0);
  }

  /** Kills a container, the first by default, as out of memory. */
  outOfMemory(namespace: string, name: string, container?: string): void {
    const first = this.pod(namespace, name).spec.containers[0]?.name ?? '';
    this.runner(namespace, name).killForMemory(container ?? first);
  }

  /** Forgets the history of changes: watches that resume get 410. */
  compact(): void {
    this.props.store.compact();
  }

  /**
   * The node stops answering: streams freeze, execs fail, the Ready condition becomes Unknown and its Pods' False.
   * Processes run on. With `evict` the Pods are marked for deletion as well, as after 300 s of absence.
   */
  loseNode(evict = false): void {
    const { kubelet, store, exec, recorder } = this.props;
    kubelet.setReachable(false);
    for (const stream of exec.streams) stream.freeze();
    this.setNodeReady('Unknown', 'NodeStatusUnknown', 'Kubelet stopped posting node status.');
    for (const object of store.list(PODS)) {
      const pod = asPod(object);
      if (pod.spec.nodeName !== this.props.node) continue;
      const conditions = (pod.status.conditions ?? []).map((condition) =>
        condition.type === 'Ready' && condition.status === 'True'
          ? { ...condition, status: 'False' as const, lastTransitionTime: timestamp() }
          : condition,
      );
      const told = evict ? [...conditions, taintEviction()] : conditions;
      const marked = store.update(PODS, pod, { ...pod, status: { ...pod.status, conditions: told } });
      recorder.record(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
      if (evict) this.props.resources.remove(PODS, marked);
    }
  }

  /** The node answers again: frozen streams break, and what was asked meanwhile is done. */
  returnNode(): void {
    for (const stream of this.props.exec.streams) stream.kill();
    this.setNodeReady('True', 'KubeletReady', 'kubelet is posting ready status');
    this.props.kubelet.setReachable(true);
  }

  private streamsOf(namespace?: string, pod?: string): readonly ExecStream[] {
    return [...this.props.exec.streams].filter(
      (stream) =>
        pod === undefined || (stream.pod.metadata.name === pod && stream.pod.metadata.namespace === namespace),
    );
  }

  private setNodeReady(status: 'True' | 'Unknown', reason: string, message: string): void {
    const { store, node } = this.props;
    const found = store.get(NODES, undefined, node);
    if (found === undefined) return;
    const condition = { type: 'Ready', status, reason, message, lastTransitionTime: timestamp() };
    const lost = { key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' };
    const spec = recordOf(found['spec']);
    const taints = (Array.isArray(spec['taints']) ? spec['taints'] : []) as readonly unknown[];
    const others = taints.filter((taint) => recordOf(taint)['key'] !== lost.key);
    const changed: KubeObject = {
      ...found,
      spec: { ...spec, taints: status === 'True' ? others : [...others, lost] },
      status: { ...recordOf(found['status']), conditions: [condition] },
    };
    store.update(NODES, found, changed);
  }

  private runner(namespace: string, name: string): PodRunner {
    const runner = this.props.kubelet.runner(this.pod(namespace, name));
    if (runner === undefined) throw new Error(`Pod ${namespace}/${name} does not run`);
    return runner;
  }

  private pod(namespace: string, name: string): Pod {
    const found = this.props.store.get(PODS, namespace, name);
    if (found === undefined) throw StatusError.notFound(PODS, name);
    return asPod(found);
  }
}

/** What the taint manager writes before it deletes a Pod. */
function taintEviction(): PodCondition {
  const message = 'Taint manager: deleting due to NoExecute taint';
  const reason = 'DeletionByTaintManager';
  return {
    type: 'DisruptionTarget',
    status: 'True',
    reason,
    message,
    lastProbeTime: null,
    lastTransitionTime: timestamp(),
  };
}
