import type { Landscape, ReadKinds } from '../../charts/invariants/landscape.js';

/** The one object of this kind, namespace and name. */
export function one<Kind extends keyof ReadKinds>(
  landscape: Landscape,
  kind: Kind,
  namespace: string | undefined,
  name: string,
): ReadKinds[Kind] {
  const found = landscape.of(kind).filter(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
  if (found.length !== 1 || !found[0]) throw new Error(`${kind} ${namespace ?? ''}/${name}: found ${found.length}`);
  return found[0];
}
