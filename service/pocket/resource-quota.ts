import { type KubeObject, recordOf } from './kube-object.js';
import type { ObjectStore } from './object-store.js';
import { asPod, isFinished, type PodSpec } from './pod.js';
import { formatQuantity, parseQuantity } from './quantity.js';
import { PODS, RESOURCE_QUOTAS } from './resource-kind.js';
import { StatusError } from './status-error.js';

/** Refuses a Pod that a ResourceQuota of its namespace has no room for. @throws StatusError 403 `exceeded quota: …` */
export function checkQuota(store: ObjectStore, namespace: string, name: string, spec: PodSpec): void {
  for (const quota of store.list(RESOURCE_QUOTAS, namespace)) {
    if (!covers(quota, spec)) continue;
    const hard = hardOf(quota);
    const missing = Object.keys(hard).filter((resource) => usage(spec, resource) === undefined);
    if (missing.length > 0) {
      const containers = spec.containers.map((container) => container.name).join(',');
      const list = missing.map((resource) => `${resource} for: ${containers}`).join('; ');
      throw StatusError.forbidden(PODS, name, `failed quota: ${quota.metadata.name}: must specify ${list}`);
    }
    const used = usedOf(store, quota);
    const over = Object.keys(hard)
      .filter(
        (resource) =>
          (usage(spec, resource) ?? 0) > 0 &&
          (used[resource] ?? 0) + (usage(spec, resource) ?? 0) > (hard[resource] ?? 0),
      )
      .sort();
    if (over.length === 0) continue;
    const say = (amount: (resource: string) => number): string =>
      over.map((resource) => `${resource}=${formatQuantity(resource, amount(resource))}`).join(',');
    throw StatusError.forbidden(
      PODS,
      name,
      `exceeded quota: ${quota.metadata.name}, requested: ${say((r) => usage(spec, r) ?? 0)}, used: ${say((r) => used[r] ?? 0)}, limited: ${say((r) => hard[r] ?? 0)}`,
    );
  }
}

/** What the Pods that count against `quota` use of each resource it limits. */
export function usedOf(store: ObjectStore, quota: KubeObject): Readonly<Record<string, number>> {
  const counted = store
    .list(PODS, quota.metadata.namespace)
    .map(asPod)
    .filter((pod) => !isFinished(pod) && covers(quota, pod.spec));
  const resources = Object.keys(hardOf(quota));
  return Object.fromEntries(
    resources.map((resource) => [resource, counted.reduce((sum, pod) => sum + (usage(pod.spec, resource) ?? 0), 0)]),
  );
}

/** `resource` summed over the containers' requests or limits, or 1 for a count; `undefined` when one does not say. */
function usage(spec: PodSpec, resource: string): number | undefined {
  if (resource === 'pods' || resource === 'count/pods') return 1;
  const part = resource.startsWith('limits.') ? 'limits' : 'requests';
  const wanted = resource.replace(/^(limits|requests)\./, '');
  const compute = wanted === 'cpu' || wanted === 'memory';
  // Objects other than Pods are not limited here, whatever a quota says about them.
  if (!compute && !resource.startsWith('requests.')) return 0;
  let sum = 0;
  for (const container of spec.containers) {
    const amount = container.resources?.[part]?.[wanted];
    if (amount === undefined && compute) return undefined;
    sum += parseQuantity(amount ?? 0) ?? 0;
  }
  return sum;
}

function hardOf(quota: KubeObject): Readonly<Record<string, number>> {
  const hard = recordOf(recordOf(quota['spec'])['hard']);
  return Object.fromEntries(
    Object.entries(hard).map(([resource, amount]) => [resource, parseQuantity(amount as string) ?? 0]),
  );
}

/** Whether the quota's scope (by PriorityClass) includes a Pod. */
function covers(quota: KubeObject, spec: PodSpec): boolean {
  const expressions = recordOf(recordOf(quota['spec'])['scopeSelector'])['matchExpressions'];
  if (!Array.isArray(expressions)) return true;
  return expressions.map(recordOf).every(({ scopeName, operator, values }) => {
    if (scopeName !== 'PriorityClass') return false;
    const priority = spec.priorityClassName ?? '';
    const listed = Array.isArray(values) && values.includes(priority);
    switch (operator) {
      case 'In':
        return listed;
      case 'NotIn':
        return !listed;
      case 'Exists':
        return priority !== '';
      default:
        return priority === '';
    }
  });
}
