import { type Manifest, recordOf } from './kube-object.js';
import type { ObjectStore } from './object-store.js';
import type { PodSpec } from './pod.js';
import { NAMESPACES, PODS, PRIORITY_CLASSES, RUNTIME_CLASSES, SERVICE_ACCOUNTS } from './resource-kind.js';
import { StatusError } from './status-error.js';

const BUILT_IN_PRIORITIES: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

/** @throws StatusError 404 when the namespace does not exist. */
export function requireNamespace(store: ObjectStore, namespace: string): void {
  if (store.get(NAMESPACES, undefined, namespace) === undefined) throw StatusError.notFound(NAMESPACES, namespace);
}

/**
 * What admission adds to a Pod: its priority, and what its RuntimeClass says about nodes.
 * @throws StatusError 403 for a PriorityClass, RuntimeClass or ServiceAccount that does not exist
 */
export function admitPod(store: ObjectStore, namespace: string, name: string, spec: PodSpec): PodSpec {
  const forbid = (why: string): StatusError => StatusError.forbidden(PODS, name, why);
  const account = spec.serviceAccountName ?? 'default';
  if (account !== 'default' && store.get(SERVICE_ACCOUNTS, namespace, account) === undefined) {
    throw forbid(`error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`);
  }
  return withRuntimeClass(store, withPriority(store, spec, forbid), forbid);
}

function withPriority(store: ObjectStore, spec: PodSpec, forbid: (why: string) => StatusError): PodSpec {
  const name = spec.priorityClassName;
  if (name === undefined) {
    const byDefault = store.list(PRIORITY_CLASSES).find((row) => row['globalDefault'] === true);
    if (byDefault === undefined) return { ...spec, priority: 0, preemptionPolicy: 'PreemptLowerPriority' };
    return withPriority(store, { ...spec, priorityClassName: byDefault.metadata.name }, forbid);
  }
  const builtIn = BUILT_IN_PRIORITIES[name];
  const found: Manifest | undefined =
    builtIn === undefined
      ? store.get(PRIORITY_CLASSES, undefined, name)
      : { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: {}, value: builtIn };
  if (found === undefined) throw forbid(`no PriorityClass with name ${name} was found`);
  const policy = found['preemptionPolicy'];
  return {
    ...spec,
    priority: Number(found['value'] ?? 0),
    preemptionPolicy: typeof policy === 'string' ? policy : 'PreemptLowerPriority',
  };
}

function withRuntimeClass(store: ObjectStore, spec: PodSpec, forbid: (why: string) => StatusError): PodSpec {
  const name = spec.runtimeClassName;
  if (name === undefined) return spec;
  const found = store.get(RUNTIME_CLASSES, undefined, name);
  if (found === undefined) throw forbid(`pod rejected: RuntimeClass "${name}" not found`);
  const scheduling = recordOf(found['scheduling']);
  const nodeSelector = { ...spec.nodeSelector, ...(recordOf(scheduling['nodeSelector']) as Record<string, string>) };
  const added = Array.isArray(scheduling['tolerations'])
    ? (scheduling['tolerations'] as PodSpec['tolerations'] & {})
    : [];
  return {
    ...spec,
    ...(Object.keys(nodeSelector).length > 0 ? { nodeSelector } : {}),
    ...(added.length > 0 ? { tolerations: [...(spec.tolerations ?? []), ...added] } : {}),
  };
}
