import { k8s } from 'cdk8s-plus-30';
import { Construct } from 'constructs';
import type { Workload } from './workload.js';
import type { StatefulWorkload } from './stateful-workload.js';

/**
 * Lets a drain take one Pod of a workload at a time, and any number of broken ones. On a cluster's only node a drain
 * waits for a replacement that has nowhere to go: use `kubectl drain --disable-eviction` there.
 */
export class DisruptionBudget extends Construct {
  constructor(scope: Workload | StatefulWorkload, id: string) {
    super(scope, id);
    const { name, labels, selector } = scope;
    new k8s.KubePodDisruptionBudget(this, 'budget', {
      metadata: { name, labels: { ...labels } },
      spec: {
        maxUnavailable: k8s.IntOrString.fromNumber(1),
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
        selector: { matchLabels: { ...selector } },
      },
    });
  }
}
