/** A deep copy of `value` with something else at a dotted path: `patched(data, 'nodes.0.name', 'x')`; `undefined` removes it. */
export function patched<T>(value: T, path: string, replacement: unknown): T {
  const copy = structuredClone(value);
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let parent = copy as Record<string, unknown>;
  for (const key of keys) parent = parent[key] as Record<string, unknown>;
  if (!Object.hasOwn(parent, last) && replacement === undefined) throw new Error(`${path}: nothing to remove`);
  if (replacement === undefined) Reflect.deleteProperty(parent, last);
  else parent[last] = replacement;
  return copy;
}
