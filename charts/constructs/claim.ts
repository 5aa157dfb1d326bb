import { k8s } from 'cdk8s-plus-30';
import { Construct } from 'constructs';
import { labelsOf } from './labels.js';
import type { VolumeClaim } from './stateful-workload.js';
import { claimSpec } from './stateful-workload.js';

/** A claim that a workload mounts by name; deleting it destroys the data. */
export class Claim extends Construct {
  constructor(scope: Construct, id: string, claim: VolumeClaim) {
    super(scope, id);
    new k8s.KubePersistentVolumeClaim(this, 'claim', {
      metadata: { name: claim.name, labels: labelsOf(this, claim.name) },
      spec: claimSpec(claim),
    });
  }
}
