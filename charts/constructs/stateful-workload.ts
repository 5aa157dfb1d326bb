import { k8s } from 'cdk8s-plus-30';
import { Construct } from 'constructs';
import { labelsOf, selectorOf } from './labels.js';
import { spread } from './spread.js';
import type { WorkloadProps } from './workload.js';

export interface StatefulWorkloadProps extends WorkloadProps {
  /** One claim of each for every Pod; they outlive it. */
  readonly claims: readonly VolumeClaim[];
}

/** Storage that a Pod asks for. */
export interface VolumeClaim {
  readonly name: string;
  /** A quantity of bytes. */
  readonly size: string;
  readonly storageClass: string;
}

/**
 * A workload whose Pods have names and disks of their own: a StatefulSet and its headless Service, of the same name.
 * Pods start together and find each other before they are ready.
 */
export class StatefulWorkload extends Construct {
  readonly name: string;

  constructor(scope: Construct, name: string, props: StatefulWorkloadProps) {
    super(scope, name);
    this.name = name;
    new k8s.KubeStatefulSet(this, 'stateful-set', {
      metadata: { name, labels: labelsOf(name) },
      spec: {
        serviceName: name,
        replicas: props.replicas,
        revisionHistoryLimit: 5,
        podManagementPolicy: 'Parallel',
        selector: { matchLabels: selectorOf(name) },
        template: {
          metadata: { labels: { ...labelsOf(name), ...props.podLabels } },
          spec: { topologySpreadConstraints: spread(name), ...props.pod },
        },
        volumeClaimTemplates: props.claims.map((claim) => ({
          metadata: { name: claim.name, labels: labelsOf(name) },
          spec: claimSpec(claim),
        })),
      },
    });
  }
}

/** The spec of a claim for one Pod at a time. */
export function claimSpec({ size, storageClass }: VolumeClaim): k8s.PersistentVolumeClaimSpec {
  return {
    accessModes: ['ReadWriteOnce'],
    storageClassName: storageClass,
    resources: { requests: { storage: k8s.Quantity.fromString(size) } },
  };
}
