/** A field that two values do not have alike; a side that lacks it is undefined. */
export interface Difference {
  /** Dotted; entries of a list by their name where they have one, else by index. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Every field that differs, in the order of the first value and then of the second. */
export function differences(before: unknown, after: unknown, path = ''): readonly Difference[] {
  if (isMap(before) && isMap(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => differences(before[key], after[key], path === '' ? key : `${path}.${key}`));
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const [one, other] = [byName(before), byName(after)];
    return one && other ? differences(one, other, path) : differences(byIndex(before), byIndex(after), path);
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
}

/** A difference as one line: `spec.replicas: 1 → 2`; what is only on one side says so. */
export function describeDifference({ path, before, after }: Difference): string {
  if (before === undefined) return `${path}: + ${show(after)}`;
  if (after === undefined) return `${path}: − ${show(before)}`;
  return `${path}: ${show(before)} → ${show(after)}`;
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? value.replaceAll('\n', '⏎') : JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 157)}…` : text;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list whose entries all have names of their own, by name: order and insertions are then no differences. */
function byName(list: readonly unknown[]): Readonly<Record<string, unknown>> | undefined {
  const named = list.map((entry) => (isMap(entry) && typeof entry['name'] === 'string' ? entry['name'] : undefined));
  if (list.length === 0 || named.includes(undefined) || new Set(named).size < named.length) return undefined;
  return Object.fromEntries(list.map((entry, index) => [named[index] ?? '', entry] as const));
}

function byIndex(list: readonly unknown[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(list.map((entry, index) => [String(index), entry] as const));
}
