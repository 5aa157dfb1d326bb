import { k8s } from 'cdk8s-plus-30';
import { Construct } from 'constructs';
import type { Workload } from './workload.js';

export interface HttpIngressProps {
  readonly className: string;
  /** The named port of the workload's Service. */
  readonly port: string;
  /** Everything below this path. @default / */
  readonly path?: string;
  /** @default every host name */
  readonly host?: string;
  /** A Secret of type kubernetes.io/tls for `host`. @default plain HTTP */
  readonly tlsSecret?: string;
}

/** Publishes a workload's Service over the cluster's Ingress controller. */
export class HttpIngress extends Construct {
  constructor(scope: Workload, id: string, { className, port, path = '/', host, tlsSecret }: HttpIngressProps) {
    super(scope, id);
    const { name, labels } = scope;
    new k8s.KubeIngress(this, 'ingress', {
      metadata: { name, labels: { ...labels } },
      spec: {
        ingressClassName: className,
        ...(tlsSecret !== undefined && {
          tls: [{ secretName: tlsSecret, ...(host !== undefined && { hosts: [host] }) }],
        }),
        rules: [
          {
            ...(host !== undefined && { host }),
            http: { paths: [{ path, pathType: 'Prefix', backend: { service: { name, port: { name: port } } } }] },
          },
        ],
      },
    });
  }
}
