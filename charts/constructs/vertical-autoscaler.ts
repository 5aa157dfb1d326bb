import { Construct } from 'constructs';
import { CustomResource } from './custom-resource.js';
import type { Amounts } from './quantities.js';
import type { StatefulWorkload } from './stateful-workload.js';
import type { Workload } from './workload.js';

export interface VerticalAutoscalerProps {
  /** `Off` only recommends; `Initial` sizes new Pods; `Recreate` replaces Pods that are far off. */
  readonly mode: 'Off' | 'Initial' | 'Recreate';
  /** The least and the most that a container may request. */
  readonly min: Amounts;
  readonly max: Amounts;
}

/** Fits the requests of a workload to what it uses. Never beside an `Autoscaler` on the same resource: they would chase each other. */
export class VerticalAutoscaler extends Construct {
  constructor(scope: Workload | StatefulWorkload, id: string, { mode, min, max }: VerticalAutoscalerProps) {
    super(scope, id);
    const { name, labels, target } = scope;
    new CustomResource(this, 'autoscaler', 'VerticalPodAutoscaler', {
      metadata: { name, labels: { ...labels } },
      spec: {
        targetRef: { ...target },
        updatePolicy: { updateMode: mode },
        resourcePolicy: {
          containerPolicies: [
            {
              containerName: '*',
              controlledResources: ['cpu', 'memory'],
              minAllowed: { ...min },
              maxAllowed: { ...max },
            },
            // The mesh sizes its own container.
            { containerName: 'istio-proxy', mode: 'Off' },
          ],
        },
      },
    });
  }
}
