import { setTimeout as delay } from 'node:timers/promises';
import { ApiError } from './api-error.js';
import { BackOff } from './back-off.js';
import type { KubeObject, Resource, Selection } from './resource.js';

/** What became of an object: it is there (new or changed), or it is gone. */
export type Change<T> = (object: T, change: 'present' | 'gone') => void;

/** A watch that lived this long (milliseconds) was healthy: the next one starts without back-off. */
const HEALTHY = 5_000;

/** Deleted uids that `put` remembers, so that a late answer cannot bring an object back to life. */
const REMEMBERED = 1_000;

/** All objects of a selection, kept current by list and watch. A failing watch is not only logged: see `problem`. */
export class WatchCache<T extends KubeObject> {
  private readonly objects = new Map<string, T>();
  private readonly deleted = new Set<string>();
  private readonly listeners = new Set<Change<T>>();
  private readonly stopping = new AbortController();
  private failure: ApiError | undefined;
  private complete = false;
  private running: Promise<void> | undefined;

  constructor(
    private readonly resource: Resource<T>,
    private readonly selection: Selection = {},
    /** Told when the state of the watch changes; `undefined`: it is well again. */
    private readonly onProblem: (problem: ApiError | undefined) => void = () => undefined,
    /** What is kept of an object. */
    private readonly outline: (object: T) => T = (object) => object,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** Whether the objects have been listed and watched at least once. */
  get primed(): boolean {
    return this.complete;
  }

  /** Why the objects may be missing or stale; `undefined` while the watch is well. */
  get problem(): ApiError | undefined {
    if (this.failure !== undefined || this.complete) return this.failure;
    return new ApiError(0, 'Unreachable', 'the bridge has not yet heard from the Kubernetes API');
  }

  values(): readonly T[] {
    return [...this.objects.values()];
  }

  get(name: string): T | undefined {
    return this.objects.get(name);
  }

  /**
   * Takes in an object that a call has returned, so that a reader sees its own writes. Returns the newest that is known:
   * the watch may have overtaken the answer, and what it said then is not said again. @throws ApiError 404 when the watch
   * has already seen it go
   */
  put(answer: T): T {
    const object = this.outline(answer);
    const { name, uid } = object.metadata;
    if (this.deleted.has(uid ?? '')) throw new ApiError(404, 'NotFound', `${name} has just been deleted`);
    this.store(object);
    const newest = this.objects.get(name);
    return newest?.metadata.uid === uid ? (newest ?? object) : object;
  }

  /** Returns what ends the subscription. */
  onChange(listener: Change<T>): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private stopped(): boolean {
    return this.stopping.signal.aborted;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    const backOff = new BackOff();
    let version: string | undefined;
    while (!this.stopped()) {
      let opened = Infinity;
      try {
        version ??= await this.list();
        const events = this.resource.watch(version, this.selection, signal, () => {
          opened = performance.now();
          this.report(undefined);
        });
        for await (const event of events) {
          version = event.object.metadata.resourceVersion ?? version;
          if (event.type === 'DELETED') this.remove(event.object);
          else if (event.type !== 'BOOKMARK') this.store(this.outline(event.object));
        }
      } catch (error) {
        if (this.stopped()) return;
        const failure = error instanceof ApiError ? error : ApiError.unreachable(error);
        // An open watch that breaks is an everyday event; one that cannot be opened is a problem. 410: list again.
        if (failure.status !== 0) version = undefined;
        if (opened === Infinity && failure.status !== 410) this.report(failure);
      }
      if (performance.now() - opened > HEALTHY) backOff.reset();
      await delay(backOff.next(), undefined, { signal }).catch(() => undefined);
    }
  }

  private async list(): Promise<string> {
    const { items, resourceVersion } = await this.resource.list(this.selection, this.stopping.signal);
    const present = new Set(items.map((item) => item.metadata.uid));
    for (const known of this.values()) if (!present.has(known.metadata.uid)) this.remove(known);
    for (const item of items.map(this.outline)) {
      if (this.objects.get(item.metadata.name)?.metadata.uid === item.metadata.uid) {
        this.objects.delete(item.metadata.name);
      }
      this.store(item);
    }
    return resourceVersion;
  }

  private store(object: T): void {
    // `put` may have been ahead of the watch. A list is always taken: after a restore versions may start again.
    const known = this.objects.get(object.metadata.name);
    if (known?.metadata.uid === object.metadata.uid && versionOf(known) > versionOf(object)) return;
    this.objects.set(object.metadata.name, object);
    this.announce(object, 'present');
  }

  private remove(object: T): void {
    const { name, uid } = object.metadata;
    this.deleted.add(uid ?? '');
    if (this.deleted.size > REMEMBERED) this.deleted.delete(this.deleted.values().next().value ?? '');
    if (this.objects.get(name)?.metadata.uid === uid) this.objects.delete(name);
    this.announce(object, 'gone');
  }

  private announce(object: T, change: 'present' | 'gone'): void {
    for (const listener of [...this.listeners]) listener(object, change);
  }

  private report(problem: ApiError | undefined): void {
    const before = this.failure?.message;
    this.failure = problem;
    if (problem === undefined) this.complete = true;
    if (before !== problem?.message) this.onProblem(problem);
  }
}

function versionOf(object: KubeObject | undefined): number {
  return Number(object?.metadata.resourceVersion ?? 0) || 0;
}
