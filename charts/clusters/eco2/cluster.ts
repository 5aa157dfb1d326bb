import type { Cluster, ClusterNode, ExternalObject } from '../../model/cluster.js';
import { GATEWAY_SERVICE } from '../../platform/mesh-chart.js';
import { nodesOf } from '../../platform/placement.js';
import type { NodePool } from '../../platform/platform.js';

/** What the platform's operators and Kubernetes itself make, and our manifests name. */
const EXTERNAL: readonly ExternalObject[] = [
  { kind: 'Namespace', name: 'kube-system', from: 'Kubernetes' },
  { kind: 'ConfigMap', namespace: '*', name: 'kube-root-ca.crt', from: 'Kubernetes' },
  { kind: 'ServiceAccount', namespace: '*', name: 'default', from: 'Kubernetes' },
  { kind: 'IngressClass', name: 'alb', from: 'Application aws-load-balancer-controller' },
  {
    kind: 'Service',
    namespace: 'istio-system',
    name: GATEWAY_SERVICE.name,
    from: `Application ${GATEWAY_SERVICE.name}`,
  },
  { kind: 'Service', namespace: 'rabbitmq', name: 'rabbitmq', from: 'RabbitmqCluster rabbitmq' },
  { kind: 'Service', namespace: 'prometheus', name: 'alertmanager-operated', from: 'Alertmanager alertmanager' },
];

/** A machine of one of the sizes that its cloud sells. Sizes are ours: the seed names nodes, not sizes. */
export function machine(name: string, address: string, size: 'large' | 'xlarge' | '2xlarge'): ClusterNode {
  const [cpu, memory] = { large: ['2', '8Gi'], xlarge: ['4', '16Gi'], '2xlarge': ['8', '32Gi'] }[size] as [
    string,
    string,
  ];
  return {
    name,
    address,
    cpu,
    memory,
    disk: '100Gi',
    maxPods: 110,
    // The kubelet, the container runtime, and the DaemonSets of the CNI, the mesh, volumes.
    reserved: { cpu: '400m', memory: '1Gi' },
  };
}

/** The self-managed cluster of one environment. */
export function eco2Cluster(environment: string, nodeCidr: string, pools: readonly NodePool[]): Cluster {
  return {
    name: 'eco2',
    environment,
    version: 'v1.34.4',
    network: {
      podCidrs: ['10.244.0.0/16'],
      serviceCidrs: ['10.96.0.0/12'],
      nodeCidrs: [nodeCidr],
      extraCidrs: [],
      apiServerPort: 6443,
    },
    nodes: pools.flatMap(nodesOf),
    components: ['coredns', 'metrics-server'],
    external: EXTERNAL,
  };
}
