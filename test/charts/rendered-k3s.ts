import type { K3sData } from '../../charts/clusters/k3s/delivery.js';
import { k3sData, k3sDelivery } from '../../charts/clusters/k3s/delivery.js';
import { PLACEHOLDERS } from '../../charts/clusters/placeholders.js';
import { Landscape } from '../../charts/invariants/landscape.js';
import type { Kinds } from '../../charts/invariants/manifest.js';
import { synth } from '../../charts/render/synth.js';

/** The k3s cluster's data as committed. */
export const DATA = k3sData(PLACEHOLDERS);

/** The k3s cluster as it is rendered from some data. */
export function renderedK3s(data: K3sData = DATA): Landscape {
  const manifests = synth([k3sDelivery(data)]).flatMap((file) => file.manifests);
  return new Landscape(data.cluster, manifests, true);
}

/** The one object of this kind and name. */
export function only<Kind extends keyof Kinds>(
  landscape: Landscape,
  kind: Kind,
  name: string,
  namespace?: string,
): Kinds[Kind] {
  const found = landscape
    .of(kind)
    .filter(({ metadata }) => metadata.name === name && (namespace === undefined || metadata.namespace === namespace));
  if (found.length !== 1 || !found[0]) throw new Error(`${kind}/${name}: found ${found.length}, want one`);
  return found[0];
}
