import type { Manifest } from '../invariants/manifest.js';
import type { Platform } from '../platform/platform.js';
import { platformDelivery } from '../platform/platform-delivery.js';
import { render } from '../render/render.js';
import type { Difference } from './difference.js';
import { describeDifference, differences } from './difference.js';

/** What is not alike in two environments: their data, and the objects that only one of them has. */
export interface Review {
  readonly data: readonly Difference[];
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
}

/** Compares two environments of one platform. */
export function review(before: Platform, after: Platform): Review {
  const [one, other] = [before, after].map(objectsOf) as [readonly string[], readonly string[]];
  return {
    data: differences(reviewed(before), reviewed(after)),
    onlyBefore: one.filter((name) => !other.includes(name)),
    onlyAfter: other.filter((name) => !one.includes(name)),
  };
}

/** A line for each difference. */
export function reviewLines(
  { data, onlyBefore, onlyAfter }: Review,
  names: readonly [string, string],
): readonly string[] {
  return [
    ...data.map(describeDifference),
    ...onlyBefore.map((name) => `only in ${names[0]}: ${name}`),
    ...onlyAfter.map((name) => `only in ${names[1]}: ${name}`),
  ];
}

/** The data without what only follows from it: nodes are listed with their pools, objects made by others are alike. */
function reviewed({ cluster, ...platform }: Platform): object {
  const { environment, version, network, components } = cluster;
  return { cluster: { environment, version, network, components, nodes: cluster.nodes.length }, ...platform };
}

function objectsOf(platform: Platform): readonly string[] {
  return render(platformDelivery(platform))
    .flatMap(({ manifests }) => manifests)
    .map((manifest) => objectName(manifest).replace(`eco2-${platform.cluster.environment}`, 'eco2'));
}

/** An object as people name it: `Deployment chat/chat-api`. */
export function objectName({ kind, metadata: { namespace, name } }: Manifest): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
