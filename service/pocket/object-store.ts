import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type KubeObject, type Manifest, type ObjectMeta, timestamp, without } from './kube-object.js';
import { apiVersionOf, type ResourceKind } from './resource-kind.js';

/** One change, as watches see it. */
export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly kind: ResourceKind;
  readonly object: KubeObject;
  /** The object before the change. @default none: it was added */
  readonly previous?: KubeObject;
  readonly revision: number;
}

export type StoreListener = (event: StoreEvent) => void;

/** How many changes a watch can look back; older resource versions are answered 410. */
const HISTORY = 10_000;

/** What etcd is to a real cluster: all objects, one revision counter, and the recent changes. */
export class ObjectStore {
  private readonly objects = new Map<ResourceKind, Map<string, KubeObject>>();
  private readonly listeners = new Set<StoreListener>();
  private readonly serialised = new WeakMap<KubeObject, string>();
  private history: StoreEvent[] = [];
  private readonly undelivered: StoreEvent[] = [];
  private oldest = 1000;
  private latest = 1000;

  /** The revision of the last change. */
  get revision(): number {
    return this.latest;
  }

  get(kind: ResourceKind, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.objects.get(kind)?.get(key(namespace, name));
  }

  /** All objects of a kind, in the order of namespace and name, or those of one namespace. */
  list(kind: ResourceKind, namespace?: string): KubeObject[] {
    const all = [...(this.objects.get(kind)?.values() ?? [])];
    const wanted = namespace === undefined ? all : all.filter((object) => object.metadata.namespace === namespace);
    return wanted.sort((a, b) =>
      compare(key(a.metadata.namespace, a.metadata.name), key(b.metadata.namespace, b.metadata.name)),
    );
  }

  /** Stores a new object; the caller has checked its metadata and that the name is free. */
  add(kind: ResourceKind, manifest: Manifest, namespace: string | undefined, name: string): KubeObject {
    const revision = this.next();
    const metadata = {
      ...without(manifest.metadata, 'deletionTimestamp', 'deletionGracePeriodSeconds'),
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid: randomUUID(),
      resourceVersion: String(revision),
      creationTimestamp: timestamp(),
    } as ObjectMeta;
    const object: KubeObject = { ...manifest, apiVersion: apiVersionOf(kind), kind: kind.kind, metadata };
    this.table(kind).set(key(namespace, name), object);
    this.publish({ type: 'ADDED', kind, object, revision });
    return object;
  }

  /** Replaces an object with `changed`, unless nothing differs. Its name, uid and creation time stay. */
  update(kind: ResourceKind, current: KubeObject, changed: KubeObject): KubeObject {
    const { name, namespace, uid, creationTimestamp, resourceVersion } = current.metadata;
    const kept = { name, ...(namespace === undefined ? {} : { namespace }), uid, creationTimestamp };
    const same: KubeObject = { ...changed, metadata: { ...changed.metadata, ...kept, resourceVersion } };
    if (isDeepStrictEqual(same, current)) return current;
    const revision = this.next();
    const object: KubeObject = { ...same, metadata: { ...same.metadata, resourceVersion: String(revision) } };
    this.table(kind).set(key(namespace, name), object);
    this.publish({ type: 'MODIFIED', kind, object, previous: current, revision });
    return object;
  }

  remove(kind: ResourceKind, current: KubeObject): void {
    const { name, namespace } = current.metadata;
    if (!this.table(kind).delete(key(namespace, name))) return;
    const revision = this.next();
    const object = { ...current, metadata: { ...current.metadata, resourceVersion: String(revision) } };
    this.publish({ type: 'DELETED', kind, object, previous: current, revision });
  }

  /** Changes after `revision`, oldest first; `undefined` when they are no longer known. */
  since(revision: number): readonly StoreEvent[] | undefined {
    if (revision < this.oldest) return undefined;
    return this.history.filter((event) => event.revision > revision);
  }

  /** The first revision that a watch can still start from. */
  get oldestRevision(): number {
    return this.oldest;
  }

  /** Forgets all changes so far, as etcd's compaction does. */
  compact(): void {
    this.history = [];
    this.oldest = this.latest;
  }

  /** Calls `listener` with every change from now on, before the change's caller goes on. Returns how to stop. */
  subscribe(listener: StoreListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The object's JSON, made once however many watches send it. */
  serialise(object: KubeObject): string {
    const known = this.serialised.get(object);
    if (known !== undefined) return known;
    const json = JSON.stringify(object);
    this.serialised.set(object, json);
    return json;
  }

  private table(kind: ResourceKind): Map<string, KubeObject> {
    const table = this.objects.get(kind) ?? new Map<string, KubeObject>();
    this.objects.set(kind, table);
    return table;
  }

  private next(): number {
    this.latest += 1;
    return this.latest;
  }

  private publish(event: StoreEvent): void {
    this.history.push(event);
    if (this.history.length > 2 * HISTORY) {
      this.history = this.history.slice(-HISTORY);
      this.oldest = (this.history[0]?.revision ?? this.latest) - 1;
    }
    this.undelivered.push(event);
    if (this.undelivered.length > 1) return;
    // A listener may change the store again: everybody sees that change after this one, not before.
    for (let next = this.undelivered[0]; next !== undefined; next = this.undelivered[0]) {
      for (const listener of [...this.listeners]) listener(next);
      this.undelivered.shift();
    }
  }
}

function key(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
