import { k8s } from 'cdk8s-plus-30';
import { Construct } from 'constructs';
import type { StatefulWorkload } from './stateful-workload.js';
import type { Workload } from './workload.js';

export interface AutoscalerProps {
  readonly min: number;
  readonly max: number;
  /** Average use of the CPU that is requested, in percent, above which Pods are added. @default 70 */
  readonly cpuPercent?: number;
}

/** More Pods when they are busy, fewer after five quiet minutes. Its workload says no replicas of its own. */
export class Autoscaler extends Construct {
  constructor(scope: Workload | StatefulWorkload, id: string, { min, max, cpuPercent = 70 }: AutoscalerProps) {
    super(scope, id);
    const { name, labels, target } = scope;
    new k8s.KubeHorizontalPodAutoscalerV2(this, 'autoscaler', {
      metadata: { name, labels: { ...labels } },
      spec: {
        scaleTargetRef: { ...target },
        minReplicas: min,
        maxReplicas: max,
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: cpuPercent } },
          },
        ],
        behavior: { scaleDown: { stabilizationWindowSeconds: 300 } },
      },
    });
  }
}
