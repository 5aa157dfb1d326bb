import type { Construct } from 'constructs';
import { k8s } from 'cdk8s-plus-30';
import { CustomResource } from '../constructs/custom-resource.js';
import { labelsOf } from '../constructs/labels.js';
import { GATEWAY } from './app-route.js';
import { PartChart } from './part-chart.js';
import type { Platform } from './platform.js';

/** The gateway's Service, which its own chart makes, and the node port on which the load balancer asks whether it is well. */
export const GATEWAY_SERVICE = { name: 'istio-ingressgateway', port: 80, statusNodePort: 31521 } as const;

/**
 * The mesh: every connection between its Pods is encrypted and both ends are known; one gateway; one load balancer in
 * front of it. Outside the mesh are the stores (operators fail over by Pod address, and PostgreSQL encrypts by itself),
 * the operators, and observability: Prometheus reads a port that the sidecars leave alone.
 */
export class MeshChart extends PartChart {
  constructor(scope: Construct, id: string, { platform }: { readonly platform: Platform }) {
    super(scope, id, { platform, namespace: GATEWAY.namespace, tier: 'infrastructure' });
    new CustomResource(this, 'mutual-tls', 'PeerAuthentication', {
      metadata: { name: 'default', labels: labelsOf(this, 'mesh') },
      spec: { mtls: { mode: 'STRICT' } },
    });
    new CustomResource(this, 'gateway', 'Gateway', {
      metadata: { name: GATEWAY.name, labels: labelsOf(this, GATEWAY.name) },
      spec: {
        selector: { istio: 'ingressgateway' },
        servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [platform.host] }],
      },
    });
    new k8s.KubeIngress(this, 'load-balancer', {
      metadata: { name: 'eco2-alb', labels: labelsOf(this, 'eco2-alb'), annotations: balancer(platform) },
      spec: {
        ingressClassName: 'alb',
        rules: [
          {
            host: platform.host,
            http: {
              paths: [
                {
                  path: '/',
                  pathType: 'Prefix',
                  backend: { service: { name: GATEWAY_SERVICE.name, port: { number: GATEWAY_SERVICE.port } } },
                },
              ],
            },
          },
        ],
      },
    });
  }
}

/** Targets are instances: the load balancer of a self-managed cluster cannot reach Pod addresses. */
function balancer({ certificate }: Platform): Record<string, string> {
  const setting = (name: string) => `alb.ingress.kubernetes.io/${name}`;
  return {
    [setting('scheme')]: 'internet-facing',
    [setting('target-type')]: 'instance',
    [setting('listen-ports')]: '[{"HTTP":80},{"HTTPS":443}]',
    [setting('ssl-redirect')]: '443',
    [setting('certificate-arn')]: certificate,
    [setting('healthcheck-port')]: String(GATEWAY_SERVICE.statusNodePort),
    [setting('healthcheck-path')]: '/healthz/ready',
  };
}
