/** Metadata of a stored object: what the API server itself sets is always there. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly generateName?: string | undefined;
  readonly uid: string;
  /** Grows with every change of any object in the store. */
  readonly resourceVersion: string;
  /** RFC 3339, whole seconds. */
  readonly creationTimestamp: string;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** When the grace period of a deletion in progress ends. */
  readonly deletionTimestamp?: string | undefined;
  readonly deletionGracePeriodSeconds?: number | undefined;
}

/** An object as the store holds it. Objects are replaced, never changed. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** An object as somebody sends it: nothing but its kind is known to be right. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Readonly<Partial<Record<keyof ObjectMeta, unknown>>>;
  readonly [field: string]: unknown;
}

/** RFC 3339 with whole seconds, as Kubernetes writes times. */
export function timestamp(at = Date.now()): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Whether `value` is a JSON object (not an array, not null). */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A copy of `object` without some of its fields. */
export function without<Whole extends object, Key extends keyof Whole>(
  object: Whole,
  ...keys: Key[]
): Omit<Whole, Key> {
  const copy: Partial<Whole> = { ...object };
  for (const key of keys) Reflect.deleteProperty(copy, key);
  return copy as Omit<Whole, Key>;
}

/** `value` when it is a JSON object, else an empty one. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
