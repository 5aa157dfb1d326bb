import type { FlannelChoice } from '../cni.js';
import type { Inventory } from '../inventory.js';
import { yamlText } from './node-file.js';

/** kube-router as nothing but the NetworkPolicy controller, on every node: a node without it enforces nothing. */
export function policyControllerManifests({ serviceCidr }: Inventory, cni: FlannelChoice): string {
  const name = 'kube-router';
  const namespace = 'kube-system';
  const rbac = 'rbac.authorization.k8s.io';
  const labels = { 'k8s-app': name };
  const read = ['get', 'list', 'watch'];
  return yamlText(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name },
      rules: [
        { apiGroups: [''], resources: ['namespaces', 'pods', 'services', 'nodes', 'endpoints'], verbs: read },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
        { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: read },
      ],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name, namespace, labels },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            hostNetwork: true,
            priorityClassName: 'system-node-critical',
            tolerations: [{ operator: 'Exists' }],
            serviceAccountName: name,
            containers: [
              {
                name,
                image: `docker.io/cloudnativelabs/kube-router:${cni.policyControllerVersion}`,
                args: [
                  '--run-firewall=true',
                  '--run-router=false',
                  '--run-service-proxy=false',
                  `--service-cluster-ip-range=${serviceCidr}`,
                  '--service-node-port-range=30000-32767',
                ],
                env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
                resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } },
                securityContext: { privileged: true },
                volumeMounts: [
                  { name: 'modules', mountPath: '/lib/modules', readOnly: true },
                  { name: 'xtables-lock', mountPath: '/run/xtables.lock' },
                ],
              },
            ],
            volumes: [
              { name: 'modules', hostPath: { path: '/lib/modules' } },
              { name: 'xtables-lock', hostPath: { path: '/run/xtables.lock', type: 'FileOrCreate' } },
            ],
          },
        },
      },
    },
  );
}
