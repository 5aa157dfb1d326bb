import { k8s } from 'cdk8s-plus-30';
import { Construct } from 'constructs';
import { labelsOf, selectorOf } from './labels.js';
import { spread } from './spread.js';
import type { ScaleTarget, WorkloadProps } from './workload.js';

export interface StatefulWorkloadProps extends WorkloadProps {
  /** One claim of each for every Pod; they outlive it. */
  readonly claims: readonly VolumeClaim[];
  /** The Service that names its Pods. @default one of its own name */
  readonly serviceName?: string;
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
  /** On everything that belongs to it. */
  readonly labels: Readonly<Record<string, string>>;
  /** Finds its Pods and no others. */
  readonly selector: Readonly<Record<string, string>>;
  readonly target: ScaleTarget;

  constructor(scope: Construct, name: string, props: StatefulWorkloadProps) {
    super(scope, name);
    this.name = name;
    this.labels = { ...labelsOf(this, name), ...props.labels };
    this.selector = selectorOf(name);
    this.target = { apiVersion: 'apps/v1', kind: 'StatefulSet', name };
    new k8s.KubeStatefulSet(this, 'stateful-set', {
      metadata: { name, labels: { ...this.labels } },
      spec: {
        serviceName: props.serviceName ?? name,
        ...(props.replicas !== undefined && { replicas: props.replicas }),
        revisionHistoryLimit: 5,
        podManagementPolicy: 'Parallel',
        selector: { matchLabels: selectorOf(name) },
        template: {
          metadata: {
            labels: { ...this.labels, ...props.podLabels },
            ...(props.podAnnotations && { annotations: { ...props.podAnnotations } }),
          },
          spec: { topologySpreadConstraints: spread(name), ...props.pod },
        },
        ...(props.claims.length > 0 && {
          volumeClaimTemplates: props.claims.map((claim) => ({
            metadata: { name: claim.name, labels: { ...this.labels } },
            spec: claimSpec(claim),
          })),
        }),
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
