/** A kind of object that the API serves, and how paths and errors call it. */
export interface ResourceKind {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

const core = (kind: string, plural: string, namespaced = true): ResourceKind => ({
  group: '',
  version: 'v1',
  kind,
  plural,
  namespaced,
});
const inGroup = (group: string, kind: string, plural: string, namespaced = true, version = 'v1'): ResourceKind => ({
  group,
  version,
  kind,
  plural,
  namespaced,
});

export const PODS = core('Pod', 'pods');
export const EVENTS = core('Event', 'events');
export const NAMESPACES = core('Namespace', 'namespaces', false);
export const NODES = core('Node', 'nodes', false);
export const SECRETS = core('Secret', 'secrets');
export const CONFIG_MAPS = core('ConfigMap', 'configmaps');
export const SERVICE_ACCOUNTS = core('ServiceAccount', 'serviceaccounts');
export const RESOURCE_QUOTAS = core('ResourceQuota', 'resourcequotas');
const RBAC = 'rbac.authorization.k8s.io';
export const ROLES = inGroup(RBAC, 'Role', 'roles');
export const ROLE_BINDINGS = inGroup(RBAC, 'RoleBinding', 'rolebindings');
export const CLUSTER_ROLES = inGroup(RBAC, 'ClusterRole', 'clusterroles', false);
export const CLUSTER_ROLE_BINDINGS = inGroup(RBAC, 'ClusterRoleBinding', 'clusterrolebindings', false);
export const PRIORITY_CLASSES = inGroup('scheduling.k8s.io', 'PriorityClass', 'priorityclasses', false);
export const RUNTIME_CLASSES = inGroup('node.k8s.io', 'RuntimeClass', 'runtimeclasses', false);

/** Everything that can be stored and read back. Only Pods are acted upon. */
export const RESOURCE_KINDS: readonly ResourceKind[] = [
  PODS,
  EVENTS,
  NAMESPACES,
  NODES,
  SECRETS,
  CONFIG_MAPS,
  SERVICE_ACCOUNTS,
  RESOURCE_QUOTAS,
  core('PodTemplate', 'podtemplates'),
  core('LimitRange', 'limitranges'),
  core('Service', 'services'),
  core('PersistentVolumeClaim', 'persistentvolumeclaims'),
  ROLES,
  ROLE_BINDINGS,
  CLUSTER_ROLES,
  CLUSTER_ROLE_BINDINGS,
  PRIORITY_CLASSES,
  RUNTIME_CLASSES,
  inGroup('apps', 'Deployment', 'deployments'),
  inGroup('apps', 'StatefulSet', 'statefulsets'),
  inGroup('apps', 'DaemonSet', 'daemonsets'),
  inGroup('networking.k8s.io', 'NetworkPolicy', 'networkpolicies'),
  inGroup('networking.k8s.io', 'Ingress', 'ingresses'),
  inGroup('policy', 'PodDisruptionBudget', 'poddisruptionbudgets'),
];

/** `group/version`, or `v1` for the core group. */
export function apiVersionOf(kind: ResourceKind): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
}

/** How messages name it: `pods`, `roles.rbac.authorization.k8s.io`. */
export function qualifiedName(kind: Pick<ResourceKind, 'group' | 'plural'>): string {
  return kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
}

/** The kind of a manifest; `undefined` for a kind that the pocket cluster does not store. */
export function kindOf(apiVersion: string, kind: string): ResourceKind | undefined {
  return RESOURCE_KINDS.find((row) => row.kind === kind && apiVersionOf(row) === apiVersion);
}
