import { rm, mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { StartError } from './container-process.js';
import { SetupError, setUpContainer } from './container-setup.js';
import type { EventRecorder } from './event-recorder.js';
import { timestamp } from './kube-object.js';
import type { ObjectStore } from './object-store.js';
import { asPod, type Container, type ContainerState, type Pod, type TerminatedState } from './pod.js';
import { type ContainerFacts, newContainerID, podStatus } from './pod-status.js';
import type { ProcessTable } from './process-table.js';
import { PODS } from './resource-kind.js';
import { type ContainerEnd, SandboxContainer } from './sandbox-container.js';

/** What a Pod runs with. */
export interface PodRunnerProps {
  readonly pod: Pod;
  readonly store: ObjectStore;
  readonly recorder: EventRecorder;
  readonly table: ProcessTable;
  /** Image references and their folders of executables; may grow. */
  readonly images: ReadonlyMap<string, string>;
  readonly folder: string;
  readonly podIP: string;
  readonly host: Readonly<Record<string, string | undefined>>;
  /** Waited for before containers are created, milliseconds. */
  readonly startDelay: () => number;
  /** Whether the API can be told anything: not while the node is lost. */
  readonly reachable: () => boolean;
}

const BACK_OFF = 10_000;
const LONGEST_BACK_OFF = 300_000;
const NEVER_CREATED = '1970-01-01T00:00:00Z';

/** One Pod on the node: starts its containers, tells the API how they are, and ends them. */
export class PodRunner {
  /** Resolves when no process and no file of the Pod is left. */
  readonly gone: Promise<void>;
  private readonly containers = new Map<string, SandboxContainer>();
  private readonly facts = new Map<string, ContainerFacts>();
  private readonly outOfMemory = new Set<string>();
  private readonly startTime = timestamp();
  private readonly stopping = new AbortController();
  private verdict: { readonly reason: string; readonly message: string } | undefined;
  private wake: () => void = () => undefined;
  private killer: NodeJS.Timeout | undefined;
  private deadline: NodeJS.Timeout | undefined;
  private deadlineSeconds: number | undefined;
  private killAt = Infinity;

  constructor(private readonly props: PodRunnerProps) {
    this.publish();
    this.watchDeadline(props.pod);
    this.gone = this.run();
  }

  /** The container if it runs. */
  running(name: string): SandboxContainer | undefined {
    const container = this.containers.get(name);
    return container?.running === true ? container : undefined;
  }

  /** Something that a waiting container may lack has come: an image, a Secret. */
  retry(): void {
    this.wake();
  }

  /** Ends the Pod: SIGTERM now, SIGKILL to everything after the grace. May be called again with a shorter one. */
  terminate(graceSeconds: number): void {
    if (!this.isStopping()) {
      for (const [name, container] of this.containers) {
        if (!container.running) continue;
        this.record('Normal', 'Killing', `Stopping container ${name}`, name);
        container.terminate();
      }
      this.stopping.abort();
      this.wake();
    }
    const at = Date.now() + graceSeconds * 1000;
    if (at >= this.killAt) return;
    this.killAt = at;
    clearTimeout(this.killer);
    this.killer = setTimeout(() => this.kill(), graceSeconds * 1000);
  }

  /** Ends the Pod as failed, e.g. evicted; it stays in the API. */
  condemn(reason: string, message: string, graceSeconds: number): void {
    if (this.verdict !== undefined || this.isStopping()) return;
    this.verdict = { reason, message };
    this.record('Warning', reason, message);
    this.terminate(graceSeconds);
    this.publish();
  }

  /** Kills a container as the kernel does when it is out of memory. */
  killForMemory(name: string): void {
    if (this.running(name) === undefined) return;
    this.outOfMemory.add(name);
    void this.containers.get(name)?.kill();
  }

  /** Takes note of a changed spec. */
  watchDeadline(pod: Pod): void {
    const seconds = pod.spec.activeDeadlineSeconds;
    if (seconds === this.deadlineSeconds) return;
    this.deadlineSeconds = seconds;
    clearTimeout(this.deadline);
    if (seconds === undefined) return;
    const end = Date.parse(this.startTime) + seconds * 1000;
    const check = (): void => {
      // A timer cannot be longer than 24.8 days.
      if (Date.now() < end) this.deadline = setTimeout(check, Math.min(end - Date.now(), 2 ** 31 - 1));
      else {
        const grace = pod.spec.terminationGracePeriodSeconds ?? 30;
        this.condemn('DeadlineExceeded', 'Pod was active on the node longer than the specified deadline', grace);
      }
    };
    check();
  }

  /** Tells the API how the Pod is. */
  publish(): void {
    const { store, podIP, reachable } = this.props;
    const pod = this.current();
    if (pod === undefined || !reachable()) return;
    const facts = { containers: this.facts, startTime: this.startTime, podIP, verdict: this.verdict };
    store.update(PODS, pod, { ...pod, status: podStatus(pod, facts) });
  }

  /** `<namespace>/<name>`. */
  get name(): string {
    const { namespace, name } = this.props.pod.metadata;
    return `${namespace ?? ''}/${name}`;
  }

  /** Kills its containers' process groups without waiting, for a process that is about to exit. */
  killNow(): void {
    for (const container of this.containers.values()) container.killNow();
  }

  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private kill(): void {
    for (const container of this.containers.values()) void container.kill();
  }

  private current(): Pod | undefined {
    const { metadata } = this.props.pod;
    const object = this.props.store.get(PODS, metadata.namespace, metadata.name);
    return object?.metadata.uid === metadata.uid ? asPod(object) : undefined;
  }

  private async run(): Promise<void> {
    await mkdir(this.props.folder, { recursive: true, mode: 0o700 });
    const { signal } = this.stopping;
    const wait = this.props.startDelay();
    if (wait > 0) await delay(wait, undefined, { signal }).catch(() => undefined);
    await Promise.all(this.props.pod.spec.containers.map((container) => this.runContainer(container)));
    clearTimeout(this.killer);
    clearTimeout(this.deadline);
    await rm(this.props.folder, { recursive: true, force: true, maxRetries: 3 });
    this.publish();
  }

  private async runContainer(container: Container): Promise<void> {
    const { restartPolicy } = this.props.pod.spec;
    for (let restarts = 0; !this.isStopping(); restarts += 1) {
      const terminated = await this.runOnce(container, restarts);
      const again = restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && terminated?.exitCode !== 0);
      if (terminated === undefined || !again || this.isStopping()) return;
      const pause = restarts === 0 ? 0 : Math.min(BACK_OFF * 2 ** (restarts - 1), LONGEST_BACK_OFF);
      const message = `back-off ${pause / 1000}s restarting failed container=${container.name}`;
      this.note(container, { waiting: { reason: 'CrashLoopBackOff', message } }, restarts, { terminated });
      await delay(pause, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  /** Runs a container to its end; `undefined` when the Pod was stopped before it could start. */
  private async runOnce(container: Container, restarts: number): Promise<TerminatedState | undefined> {
    const created = await this.create(container, restarts);
    if (created === undefined || 'exitCode' in created) return created;
    const containerID = newContainerID();
    const startedAt = timestamp();
    const lastState = this.facts.get(container.name)?.lastState ?? {};
    this.containers.set(container.name, created);
    this.record('Normal', 'Created', `Created container: ${container.name}`, container.name);
    this.record('Normal', 'Started', `Started container ${container.name}`, container.name);
    this.note(container, { running: { startedAt } }, restarts, lastState, containerID);
    // It may have been told to end while it was being created.
    if (this.isStopping()) created.terminate();
    if (Date.now() >= this.killAt) void created.kill();
    const end = await created.ended;
    const terminated = this.terminatedState(container, end, { startedAt, containerID });
    this.note(container, { terminated }, restarts, lastState, containerID);
    return terminated;
  }

  private async create(
    container: Container,
    restarts: number,
  ): Promise<SandboxContainer | TerminatedState | undefined> {
    const { images } = this.props;
    while (!this.isStopping()) {
      try {
        const image = images.get(container.image);
        if (image === undefined) throw imageProblem(container, this.facts.get(container.name)?.state);
        const present = `Container image "${container.image}" already present on machine`;
        const setup = await setUpContainer({ ...this.props, container, image });
        this.record('Normal', 'Pulled', present, container.name);
        return await SandboxContainer.start(setup);
      } catch (error) {
        if (error instanceof SetupError) {
          this.recordSetupError(container, error);
          this.note(container, { waiting: { reason: error.reason, message: error.message } }, restarts);
          await this.untilWoken(error.reason === 'ErrImagePull' ? BACK_OFF : undefined);
          continue;
        }
        if (!(error instanceof StartError)) throw error;
        const message = `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: ${error.message}`;
        this.record('Warning', 'Failed', `Error: ${message}`, container.name);
        const times = { startedAt: NEVER_CREATED, finishedAt: timestamp() };
        const terminated = { exitCode: 128, reason: 'StartError', message, ...times };
        this.note(container, { terminated }, restarts, {}, newContainerID());
        return terminated;
      }
    }
    return undefined;
  }

  private async untilWoken(limit: number | undefined): Promise<void> {
    if (this.isStopping()) return;
    await new Promise<void>((resolve) => {
      const timer = limit === undefined ? undefined : setTimeout(resolve, limit);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private terminatedState(
    container: Container,
    end: ContainerEnd,
    since: { readonly startedAt: string; readonly containerID: string },
  ): TerminatedState {
    const oom = this.outOfMemory.delete(container.name);
    const exitCode = oom ? 137 : end.code;
    const fallback = container.terminationMessagePolicy === 'FallbackToLogsOnError' && exitCode !== 0 ? end.output : '';
    const message = end.message === '' ? fallback : end.message;
    return {
      exitCode,
      reason: oom ? 'OOMKilled' : exitCode === 0 ? 'Completed' : 'Error',
      ...(message === '' ? {} : { message }),
      finishedAt: timestamp(),
      ...since,
    };
  }

  private note(
    container: Container,
    state: ContainerState,
    restartCount: number,
    lastState: ContainerState = this.facts.get(container.name)?.lastState ?? {},
    containerID = this.facts.get(container.name)?.containerID,
  ): void {
    this.facts.set(container.name, { state, lastState, restartCount, containerID });
    this.publish();
  }

  private recordSetupError({ name, image }: Container, { reason, message }: SetupError): void {
    if (reason === 'ErrImageNeverPull') this.record('Warning', reason, message, name);
    if (reason === 'ErrImagePull')
      this.record('Warning', 'Failed', `Failed to pull image "${image}": ${message}`, name);
    if (reason === 'ImagePullBackOff') this.record('Normal', 'BackOff', message, name);
    const isImage = reason.includes('Image');
    this.record('Warning', 'Failed', `Error: ${isImage ? reason : message}`, name);
  }

  private record(type: 'Normal' | 'Warning', reason: string, message: string, container?: string): void {
    if (this.props.reachable()) this.props.recorder.record(this.props.pod, type, reason, message, container);
  }
}

function imageProblem(container: Container, state: ContainerState | undefined): SetupError {
  const { image } = container;
  if (container.imagePullPolicy === 'Never') {
    return new SetupError('ErrImageNeverPull', `Container image "${image}" is not present with pull policy of Never`);
  }
  if (state?.waiting?.reason === 'ErrImagePull' || state?.waiting?.reason === 'ImagePullBackOff') {
    return new SetupError('ImagePullBackOff', `Back-off pulling image "${image}"`);
  }
  const why = `failed to pull and unpack image "${image}": the pocket cluster has no registry`;
  return new SetupError('ErrImagePull', `failed to resolve image: ${why}`);
}
