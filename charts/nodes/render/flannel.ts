import type { FlannelChoice } from '../cni.js';
import type { Inventory } from '../inventory.js';
import { nodeNic } from '../inventory.js';
import { yamlText } from './node-file.js';

const NAMESPACE = 'kube-flannel';
const LABELS = { app: 'flannel', 'k8s-app': 'flannel', tier: 'node' } as const;

/**
 * Flannel's manifests, as its own release has them, with two things said: the Pods' network, and the interface that
 * tunnels use. Left to itself it takes the one with the default route, which is the way to the internet.
 */
export function flannelManifests(inventory: Inventory, cni: FlannelChoice): string {
  const { podCidr, hosts } = inventory;
  const names = hosts.map((host) => nodeNic(inventory, host)?.name ?? '');
  const image = `ghcr.io/flannel-io/flannel:${cni.version}`;
  const rbac = 'rbac.authorization.k8s.io';
  const metadata = { name: 'flannel', labels: { 'k8s-app': 'flannel' } };
  const mount = (name: string, mountPath: string) => ({ name, mountPath });
  return yamlText(
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: NAMESPACE,
        labels: { 'k8s-app': 'flannel', 'pod-security.kubernetes.io/enforce': 'privileged' },
      },
    },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { ...metadata, namespace: NAMESPACE } },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata,
      rules: [
        { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
        { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: [''], resources: ['nodes/status'], verbs: ['patch'] },
      ],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'flannel' },
      subjects: [{ kind: 'ServiceAccount', name: 'flannel', namespace: NAMESPACE }],
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'kube-flannel-cfg', namespace: NAMESPACE, labels: LABELS },
      data: {
        'cni-conf.json': json({
          name: 'cbr0',
          cniVersion: '0.3.1',
          plugins: [
            { type: 'flannel', delegate: { hairpinMode: true, isDefaultGateway: true } },
            { type: 'portmap', capabilities: { portMappings: true } },
          ],
        }),
        'net-conf.json': json({ Network: podCidr, EnableNFTables: false, Backend: { Type: cni.backend } }),
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'kube-flannel-ds', namespace: NAMESPACE, labels: LABELS },
      spec: {
        selector: { matchLabels: { app: 'flannel' } },
        template: {
          metadata: { labels: LABELS },
          spec: {
            nodeSelector: { 'kubernetes.io/os': 'linux' },
            hostNetwork: true,
            priorityClassName: 'system-node-critical',
            tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }],
            serviceAccountName: 'flannel',
            initContainers: [
              {
                name: 'install-cni-plugin',
                image: `ghcr.io/flannel-io/flannel-cni-plugin:${cni.pluginVersion}`,
                command: ['cp', '-f', '/flannel', '/opt/cni/bin/flannel'],
                volumeMounts: [mount('cni-plugin', '/opt/cni/bin')],
              },
              {
                name: 'install-cni',
                image,
                command: ['cp', '-f', '/etc/kube-flannel/cni-conf.json', '/etc/cni/net.d/10-flannel.conflist'],
                volumeMounts: [mount('cni', '/etc/cni/net.d'), mount('flannel-cfg', '/etc/kube-flannel/')],
              },
            ],
            containers: [
              {
                name: 'kube-flannel',
                image,
                command: ['/opt/bin/flanneld'],
                args: ['--ip-masq', '--kube-subnet-mgr', ...[...new Set(names)].map((name) => `--iface=${name}`)],
                resources: { requests: { cpu: '100m', memory: '50Mi' }, limits: { memory: '256Mi' } },
                securityContext: { privileged: false, capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } },
                env: [
                  { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
                  { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
                  { name: 'EVENT_QUEUE_DEPTH', value: '5000' },
                ],
                volumeMounts: [
                  mount('run', '/run/flannel'),
                  mount('flannel-cfg', '/etc/kube-flannel/'),
                  mount('xtables-lock', '/run/xtables.lock'),
                ],
              },
            ],
            volumes: [
              { name: 'run', hostPath: { path: '/run/flannel' } },
              { name: 'cni-plugin', hostPath: { path: '/opt/cni/bin' } },
              { name: 'cni', hostPath: { path: '/etc/cni/net.d' } },
              { name: 'flannel-cfg', configMap: { name: 'kube-flannel-cfg' } },
              { name: 'xtables-lock', hostPath: { path: '/run/xtables.lock', type: 'FileOrCreate' } },
            ],
          },
        },
      },
    },
  );
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
