import { stringify } from 'yaml';
import type { Inventory } from '../../charts/nodes/inventory.js';
import { IMAGES } from './lab-images.js';

const SYSTEM = 'kube-system';
/** Where a node keeps the volumes that local-path makes. */
const VOLUMES = '/var/lib/local-path-provisioner';

const rbac = 'rbac.authorization.k8s.io';
const account = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace: SYSTEM },
});

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const rule = (apiGroup: string, resources: readonly string[], verbs: readonly string[]): Rule => ({
  apiGroups: [apiGroup],
  resources,
  verbs,
});

const READ = ['get', 'list', 'watch'];
const WRITE = [...READ, 'create', 'patch', 'update', 'delete'];

function binding(kind: 'RoleBinding' | 'ClusterRoleBinding', name: string, role: string, of: string): object {
  return {
    apiVersion: `${rbac}/v1`,
    kind,
    metadata: { name, ...(kind === 'RoleBinding' ? { namespace: SYSTEM } : {}) },
    roleRef: { apiGroup: rbac, kind: kind === 'RoleBinding' ? 'Role' : 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', name: of, namespace: SYSTEM }],
  };
}

/** A ServiceAccount that may do `rules` in the whole cluster. */
function clusterAccount(name: string, rules: readonly Rule[]): readonly object[] {
  const role = { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: `berth:${name}` }, rules };
  return [account(name), role, binding('ClusterRoleBinding', `berth:${name}`, `berth:${name}`, name)];
}

interface PodWorkload {
  readonly kind: 'Deployment' | 'DaemonSet';
  readonly name: string;
  readonly spec: object;
}

function workload({ kind, name, spec }: PodWorkload): object {
  const labels = { 'k8s-app': name };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: SYSTEM, labels },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { serviceAccountName: name, ...spec } },
    },
  };
}

const UNPRIVILEGED = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsUser: 1000,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

const metricsServer = (): readonly object[] => {
  const name = 'metrics-server';
  return [
    ...clusterAccount(name, [rule('', ['nodes/metrics'], ['get']), rule('', ['pods', 'nodes'], READ)]),
    binding('RoleBinding', `${name}-auth-reader`, 'extension-apiserver-authentication-reader', name),
    binding('ClusterRoleBinding', `${name}:auth-delegator`, 'system:auth-delegator', name),
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: {
        name: 'berth:metrics-reader',
        labels: Object.fromEntries(['view', 'edit', 'admin'].map((role) => [`${rbac}/aggregate-to-${role}`, 'true'])),
      },
      rules: [rule('metrics.k8s.io', ['pods', 'nodes'], READ)],
    },
    workload({
      kind: 'Deployment',
      name,
      spec: {
        priorityClassName: 'system-cluster-critical',
        containers: [
          {
            name,
            image: IMAGES.metricsServer,
            imagePullPolicy: 'Never',
            args: [
              '--cert-dir=/tmp',
              '--secure-port=10250',
              '--kubelet-preferred-address-types=InternalIP',
              '--metric-resolution=15s',
              '--kubelet-insecure-tls', // kubeadm's kubelets sign their own serving certificates
            ],
            ports: [{ name: 'https', containerPort: 10250 }],
            readinessProbe: { httpGet: { path: '/readyz', port: 'https', scheme: 'HTTPS' }, periodSeconds: 5 },
            resources: { requests: { cpu: '20m', memory: '50Mi' } },
            securityContext: UNPRIVILEGED,
            volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
          },
        ],
        volumes: [{ name: 'tmp', emptyDir: {} }],
      },
    }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: SYSTEM },
      spec: { selector: { 'k8s-app': name }, ports: [{ name: 'https', port: 443, targetPort: 'https' }] },
    },
    {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1beta1.metrics.k8s.io' },
      spec: {
        group: 'metrics.k8s.io',
        version: 'v1beta1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { name, namespace: SYSTEM },
      },
    },
  ];
};

const localPath = (): readonly object[] => {
  const name = 'local-path-provisioner';
  const helper = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'helper-pod' },
    spec: {
      tolerations: [{ operator: 'Exists' }],
      containers: [{ name: 'helper-pod', image: IMAGES.localPathHelper, imagePullPolicy: 'Never' }],
    },
  };
  return [
    ...clusterAccount(name, [
      rule('', ['nodes', 'persistentvolumeclaims', 'configmaps', 'pods/log'], READ),
      rule('', ['persistentvolumes', 'pods'], WRITE),
      rule('', ['events'], ['create', 'patch']),
      rule('storage.k8s.io', ['storageclasses'], READ),
    ]),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'local-path-config', namespace: SYSTEM },
      data: {
        'config.json': JSON.stringify({
          nodePathMap: [{ node: 'DEFAULT_PATH_FOR_NON_LISTED_NODES', paths: [VOLUMES] }],
        }),
        setup: 'mkdir -m 0777 -p "$VOL_DIR"\n',
        teardown: 'rm -rf "$VOL_DIR"\n',
        'helperPod.yaml': stringify(helper),
      },
    },
    workload({
      kind: 'Deployment',
      name,
      spec: {
        containers: [
          {
            name,
            image: IMAGES.localPath,
            imagePullPolicy: 'Never',
            args: ['start', '--config', '/etc/config/config.json', '--service-account-name', name],
            env: [
              { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
              { name: 'CONFIG_MOUNT_PATH', value: '/etc/config/' },
            ],
            securityContext: UNPRIVILEGED,
            volumeMounts: [{ name: 'config', mountPath: '/etc/config' }],
          },
        ],
        volumes: [{ name: 'config', configMap: { name: 'local-path-config' } }],
      },
    }),
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'local-path', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: 'rancher.io/local-path',
      volumeBindingMode: 'WaitForFirstConsumer',
      reclaimPolicy: 'Delete',
    },
  ];
};

/** The inventory's components that bare Kubernetes does not bring, and the runtime class of its cards, as the API's JSON. */
export function addons({ components, hosts }: Inventory): readonly string[] {
  const runtimeClass = {
    apiVersion: 'node.k8s.io/v1',
    kind: 'RuntimeClass',
    metadata: { name: 'nvidia' },
    handler: 'nvidia',
  };
  const ingressClass = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'traefik' },
    spec: { controller: 'traefik.io/ingress-controller' }, // the class alone: no controller serves it here
  };
  const items = [
    ...(components.includes('metrics-server') ? metricsServer() : []),
    ...(components.includes('local-path') ? localPath() : []),
    ...(components.includes('traefik') ? [ingressClass] : []),
    ...(hosts.some(({ gpus }) => gpus !== undefined) ? [runtimeClass] : []),
  ];
  return items.length === 0 ? [] : [JSON.stringify({ apiVersion: 'v1', kind: 'List', items })];
}
