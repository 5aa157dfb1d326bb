import type { Construct } from 'constructs';
import { CustomResource } from '../constructs/custom-resource.js';
import { labelsOf, NAME_LABEL } from '../constructs/labels.js';
import { k8s } from 'cdk8s-plus-30';
import { RABBITMQ_PODS } from './endpoints.js';
import { PartChart } from './part-chart.js';
import { placed } from './placement.js';
import type { Platform } from './platform.js';

const NAME = 'rabbitmq';

/**
 * RabbitMQ by its operator, which makes the Service `rabbitmq` with 5672 and 15672 and puts our labels on all it makes.
 * It is of the integration tier, and keeps its files where the stores do.
 */
export class RabbitmqChart extends PartChart {
  constructor(scope: Construct, id: string, { platform }: { readonly platform: Platform }) {
    super(scope, id, { platform, namespace: NAME, tier: 'integration' });
    const { image, replicas, requests, limits, storage } = platform.rabbitmq;
    const { nodeSelector, tolerations } = placed(platform, 'data');
    new CustomResource(this, 'cluster', 'RabbitmqCluster', {
      metadata: { name: NAME, labels: labelsOf(this, NAME) },
      spec: {
        image,
        replicas,
        resources: { requests: { ...requests }, limits: { ...limits } },
        persistence: { storageClassName: platform.storageClass, storage },
        rabbitmq: {
          // A minority stops rather than lives on by itself; queues are copied to a majority.
          additionalConfig: 'cluster_partition_handling = pause_minority\ndefault_queue_type = quorum\n',
        },
        tolerations,
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                {
                  matchExpressions: Object.entries(nodeSelector).map(([key, value]) => ({
                    key,
                    operator: 'In',
                    values: [value],
                  })),
                },
              ],
            },
          },
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { [NAME_LABEL]: NAME } } },
            ],
          },
        },
      },
    });
    new k8s.KubePodDisruptionBudget(this, 'budget', {
      metadata: { name: NAME, labels: labelsOf(this, NAME) },
      spec: {
        maxUnavailable: k8s.IntOrString.fromNumber(1),
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
        selector: { matchLabels: { ...RABBITMQ_PODS.labels } },
      },
    });
    new CustomResource(this, 'monitor', 'PodMonitor', {
      metadata: { name: NAME, labels: labelsOf(this, NAME) },
      spec: {
        selector: { matchLabels: { ...RABBITMQ_PODS.labels } },
        podTargetLabels: ['tier', 'domain', 'environment'],
        podMetricsEndpoints: [{ port: 'prometheus', interval: '30s' }],
      },
    });
  }
}
