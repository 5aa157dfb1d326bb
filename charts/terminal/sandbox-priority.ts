import { k8s } from 'cdk8s-plus-30';
import { Construct } from 'constructs';
import { labelsOf } from '../constructs/labels.js';
import { SANDBOX_NAME, SANDBOX_PRIORITY } from './sandboxes.js';

/** The priority of sandboxes: below every other Pod, and never at the cost of another one. Cluster-scoped. */
export class SandboxPriority extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new k8s.KubePriorityClass(this, 'priority-class', {
      metadata: { name: SANDBOX_PRIORITY, labels: labelsOf(this, SANDBOX_NAME) },
      description: 'Sandboxes of the web terminal: evicted first, preempt nobody.',
      value: -10,
      preemptionPolicy: 'Never',
    });
  }
}
