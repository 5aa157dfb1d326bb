import { join } from 'node:path';
import type { EventRecorder } from './event-recorder.js';
import type { ObjectStore, StoreEvent } from './object-store.js';
import { MemoryGuard } from './memory-guard.js';
import { asPod, isFinished, type Pod } from './pod.js';
import { PodRunner } from './pod-runner.js';
import type { ProcessTable } from './process-table.js';
import { CONFIG_MAPS, PODS, SECRETS } from './resource-kind.js';
import type { SandboxContainer } from './sandbox-container.js';

/** What a kubelet needs. */
export interface KubeletProps {
  readonly store: ObjectStore;
  readonly recorder: EventRecorder;
  readonly table: ProcessTable;
  readonly images: ReadonlyMap<string, string>;
  readonly node: string;
  /** Where Pods have their folders. */
  readonly folder: string;
  /** The environment from which containers get PATH, LANG and TZ. */
  readonly host: Readonly<Record<string, string | undefined>>;
  /** Whether an out-of-memory kill takes the biggest process only (cgroup v1). @default false: the whole container */
  readonly singleProcessOOMKill?: boolean;
}

/** Runs the Pods that are bound to its node, as local processes. */
export class Kubelet {
  /** Milliseconds before a new Pod's containers are created. */
  startDelay = 0;
  private readonly runners = new Map<string, PodRunner>();
  private readonly unsubscribe: () => void;
  private readonly memory: MemoryGuard;
  private readonly unreported: (() => void)[] = [];
  private online = true;
  private count = 0;

  constructor(private readonly props: KubeletProps) {
    this.memory = new MemoryGuard(props.table, props.singleProcessOOMKill ?? false, (pod, container) =>
      this.runners.get(pod)?.killForMemory(container),
    );
    this.unsubscribe = props.store.subscribe((event) => this.follow(event));
  }

  /** The running container of a Pod; `undefined` when it does not run. */
  container(pod: Pod, name: string): SandboxContainer | undefined {
    return this.runners.get(pod.metadata.uid)?.running(name);
  }

  runner(pod: Pod): PodRunner | undefined {
    return this.runners.get(pod.metadata.uid);
  }

  /** `<namespace>/<name>` of a Pod that has or may have processes. */
  nameOf(uid: string): string | undefined {
    return this.runners.get(uid)?.name;
  }

  get reachable(): boolean {
    return this.online;
  }

  /** Cuts the node off from the API, or brings it back; its processes run on meanwhile. */
  setReachable(reachable: boolean): void {
    this.online = reachable;
    if (!reachable) return;
    for (const runner of this.runners.values()) runner.publish();
    for (const report of this.unreported.splice(0)) report();
    const pods = this.props.store.list(PODS).map(asPod);
    for (const pod of pods) this.sync(pod);
    const known = new Set(pods.map((pod) => pod.metadata.uid));
    for (const [uid, runner] of this.runners) if (!known.has(uid)) runner.terminate(0);
  }

  /** An image has been added: Pods that wait for one look again. */
  retry(): void {
    for (const runner of this.runners.values()) runner.retry();
  }

  /** Kills every process of every Pod and waits until nothing is left. */
  async stop(): Promise<void> {
    this.unsubscribe();
    this.memory.stop();
    for (const runner of this.runners.values()) runner.terminate(0);
    await this.props.table.kill(() => true);
    await Promise.all([...this.runners.values()].map((runner) => runner.gone));
  }

  /** Kills what it can without waiting, for a process that is about to exit. */
  killNow(): void {
    for (const runner of this.runners.values()) runner.killNow();
    this.props.table.killNow();
  }

  private follow({ type, kind, object }: StoreEvent): void {
    if (kind === SECRETS || kind === CONFIG_MAPS) this.retry();
    if (kind !== PODS || !this.online) return;
    const pod = asPod(object);
    if (type === 'DELETED') this.runners.get(pod.metadata.uid)?.terminate(0);
    else this.sync(pod);
  }

  private sync(pod: Pod): void {
    if (pod.spec.nodeName !== this.props.node) return;
    const { uid, deletionTimestamp } = pod.metadata;
    const runner = this.runners.get(uid);
    if (runner !== undefined) {
      const grace = pod.metadata.deletionGracePeriodSeconds ?? 0;
      if (deletionTimestamp !== undefined) runner.terminate(grace);
      else runner.watchDeadline(pod);
    } else if (deletionTimestamp !== undefined) this.forget(pod);
    else if (!isFinished(pod)) this.run(pod);
  }

  private run(pod: Pod): void {
    this.count += 1;
    const runner = new PodRunner({
      ...this.props,
      pod,
      folder: join(this.props.folder, this.count.toString(36)),
      podIP: `10.42.${(this.count >> 8) & 255}.${this.count & 255}`,
      startDelay: () => this.startDelay,
      reachable: () => this.online,
    });
    this.runners.set(pod.metadata.uid, runner);
    this.memory.watch(pod);
    const end = (): void => {
      if (!this.online) {
        this.unreported.push(end);
        return;
      }
      this.runners.delete(pod.metadata.uid);
      this.memory.forget(pod);
      this.forget(pod);
    };
    runner.gone.then(end, end);
  }

  /** The Pod's processes are gone: if it is being deleted, the API may forget it. */
  private forget(pod: Pod): void {
    const { namespace, name, uid } = pod.metadata;
    const current = this.props.store.get(PODS, namespace, name);
    if (!this.online || current?.metadata.uid !== uid || current.metadata.deletionTimestamp === undefined) return;
    this.props.store.remove(PODS, current);
  }
}
