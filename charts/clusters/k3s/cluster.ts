import type { Cluster } from '../../model/cluster.js';
import { GPU } from '../../model/gpu.js';
import { clusterData } from '../../nodes/cluster-data.js';
import type { Addresses } from '../placeholders.js';
import { k3sNodes } from './nodes.js';

/** The k3s cluster: one VM that is master and worker. k3s brings four components, Traefik's Ingress class and the RuntimeClass. */
export function k3sCluster(addresses: Addresses): Cluster {
  return {
    ...clusterData(k3sNodes(addresses)),
    external: [
      { kind: 'Namespace', name: 'kube-system', from: 'Kubernetes' },
      { kind: 'IngressClass', name: 'traefik', from: 'k3s' },
      { kind: 'StorageClass', name: 'local-path', from: 'k3s' },
      { kind: 'RuntimeClass', name: GPU.runtimeClass, from: 'k3s' },
      { kind: 'PriorityClass', name: 'system-node-critical', from: 'Kubernetes' },
      { kind: 'ConfigMap', namespace: '*', name: 'kube-root-ca.crt', from: 'Kubernetes' },
      { kind: 'ServiceAccount', namespace: '*', name: 'default', from: 'Kubernetes' },
      { kind: 'Secret', namespace: 'claudecode-terminal', name: 'terminal-users', from: 'the operator: npm run users' },
      { kind: 'Secret', namespace: 'claudecode-terminal', name: 'claude-credentials', from: 'the operator, if wanted' },
    ],
  };
}
