import { k8s } from 'cdk8s-plus-30';
import { Construct } from 'constructs';
import { labelsOf, selectorOf } from './labels.js';
import type { Workload } from './workload.js';
import type { StatefulWorkload } from './stateful-workload.js';

export interface WorkloadServiceProps {
  readonly ports: readonly ServicePort[];
  /** Gives every Pod a DNS name of its own, ready or not, and no virtual address. @default false */
  readonly headless?: boolean;
}

/** A port of a Service, going to the container port of the same name. */
export interface ServicePort {
  readonly name: string;
  readonly port: number;
  /** Opens this port on every node; the operator's range is 30000–32767. @default none: inside the cluster only */
  readonly nodePort?: number;
}

/** The Service of a workload, of the same name. */
export class WorkloadService extends Construct {
  constructor(scope: Workload | StatefulWorkload, id: string, { ports, headless = false }: WorkloadServiceProps) {
    super(scope, id);
    const { name } = scope;
    const open = ports.some(({ nodePort }) => nodePort !== undefined);
    new k8s.KubeService(this, 'service', {
      metadata: { name, labels: labelsOf(name) },
      spec: {
        type: open ? 'NodePort' : 'ClusterIP',
        ...(headless && { clusterIp: 'None', publishNotReadyAddresses: true }),
        selector: selectorOf(name),
        ports: ports.map((port) => ({ ...port, protocol: 'TCP', targetPort: k8s.IntOrString.fromString(port.name) })),
      },
    });
  }
}
