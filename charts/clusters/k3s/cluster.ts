import type { Cluster } from '../../model/cluster.js';
import { GPU } from '../../model/gpu.js';
import type { Addresses } from '../placeholders.js';

/** The k3s cluster: one VM that is master and worker. k3s brings four components, Traefik's Ingress class and the RuntimeClass. */
export function k3sCluster(addresses: Addresses): Cluster {
  return {
    name: 'k3s',
    environment: 'prod',
    version: 'v1.34.4+k3s1',
    network: {
      podCidrs: ['10.42.0.0/16'],
      serviceCidrs: ['10.43.0.0/16'],
      nodeCidrs: [addresses.nodeCidr],
      extraCidrs: addresses.extraCidrs,
      apiServerPort: 6443,
    },
    nodes: [
      {
        name: 'k8s-node',
        address: addresses.k8sNode,
        cpu: '8',
        memory: '240G',
        disk: '1T',
        maxPods: 110,
        // The k3s server with its four components, and the system below it.
        reserved: { cpu: '1', memory: '8G' },
      },
    ],
    components: ['coredns', 'traefik', 'metrics-server', 'local-path'],
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
