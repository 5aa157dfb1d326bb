import { k8s } from 'cdk8s-plus-30';
import { Construct } from 'constructs';
import { NAME_LABEL, selectorOf } from './labels.js';
import type { Workload } from './workload.js';
import type { StatefulWorkload } from './stateful-workload.js';

export interface WorkloadServiceProps {
  /** @default the workload's name */
  readonly name?: string;
  readonly ports: readonly ServicePort[];
  /** Gives every Pod a DNS name of its own, ready or not, and no virtual address. @default false */
  readonly headless?: boolean;
}

/** A port of a Service, going to the container port of the same name. */
export interface ServicePort {
  readonly name: string;
  readonly port: number;
  /** What clients may speak, for meshes and proxies: e.g. `http`, `grpc`, `tcp`. @default not said */
  readonly appProtocol?: string;
  /** Opens this port on every node; the operator's range is 30000–32767. @default none: inside the cluster only */
  readonly nodePort?: number;
}

/** The Service of a workload and of all its versions, of the same name unless it says another. */
export class WorkloadService extends Construct {
  constructor(scope: Workload | StatefulWorkload, id: string, props: WorkloadServiceProps) {
    super(scope, id);
    const { name = scope.name, ports, headless = false } = props;
    const open = ports.some(({ nodePort }) => nodePort !== undefined);
    new k8s.KubeService(this, 'service', {
      metadata: { name, labels: { ...scope.labels } },
      spec: {
        type: open ? 'NodePort' : 'ClusterIP',
        ...(headless && { clusterIp: 'None', publishNotReadyAddresses: true }),
        selector: selectorOf(scope.labels[NAME_LABEL] ?? scope.name),
        ports: ports.map((port) => ({ ...port, protocol: 'TCP', targetPort: k8s.IntOrString.fromString(port.name) })),
      },
    });
  }
}
