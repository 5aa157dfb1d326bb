import type { Cluster, ExternalObject } from '../../model/cluster.js';
import { clusterData } from '../../nodes/cluster-data.js';
import type { Inventory } from '../../nodes/inventory.js';
import { GATEWAY_SERVICE } from '../../platform/mesh-chart.js';

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

/** The self-managed cluster of one environment, on its machines. */
export function eco2Cluster(machines: Inventory): Cluster {
  return { ...clusterData(machines), external: EXTERNAL };
}
