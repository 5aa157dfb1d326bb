import { Construct } from 'constructs';
import type { VirtualServiceSpec } from '../../imports/types/networking.istio.io/VirtualService.js';
import type { DestinationRuleSpec } from '../../imports/types/networking.istio.io/DestinationRule.js';
import { CustomResource } from '../constructs/custom-resource.js';
import { labelsOf, selectorOf } from '../constructs/labels.js';
import type { App } from './app.js';
import { dnsName } from './endpoints.js';
import type { Platform } from './platform.js';

/** The mesh's gateway, as routes name it. */
export const GATEWAY = { name: 'eco2-gateway', namespace: 'istio-system' } as const;

export interface AppRouteProps {
  readonly platform: Platform;
  readonly app: App;
  /** Everything below this path of the platform's host. */
  readonly path: string;
}

type HttpRoute = NonNullable<VirtualServiceSpec['http']>[number];
type Destination = NonNullable<HttpRoute['route']>[number];

/**
 * How requests find an app: from outside by host and path, inside the mesh by its Service, both with the same shares for
 * two versions of it. A share has one owner: this file, or – where a Rollout names the routes – the Rollout, which then
 * starts from all for `stable`.
 */
export class AppRoute extends Construct {
  constructor(scope: Construct, id: string, { platform, app, path }: AppRouteProps) {
    super(scope, id);
    const host = dnsName({ service: app.name, namespace: app.domain });
    const names = routeNames(app);
    const outside = `${GATEWAY.namespace}/${GATEWAY.name}`;
    const route = (name: string, port: number, match: NonNullable<HttpRoute['match']>): HttpRoute => ({
      name,
      match: [...match, { gateways: ['mesh'], port }],
      route: destinations(app, host, port),
    });
    const { http = 0, grpc } = app.ports ?? {};
    const labels = { ...labelsOf(this, app.name), tier: app.tier };
    new CustomResource(this, 'virtual-service', 'VirtualService', {
      metadata: { name: names.virtualService.name, labels },
      spec: {
        hosts: [platform.host, host],
        gateways: [outside, 'mesh'],
        http: [
          route('http', http, [{ gateways: [outside], uri: { prefix: path } }]),
          ...(grpc === undefined ? [] : [route('grpc', grpc, [])]),
        ],
      },
    });
    new CustomResource(this, 'destination-rule', 'DestinationRule', {
      metadata: { name: names.destinationRule, labels },
      spec: {
        host,
        trafficPolicy: {
          tls: { mode: 'ISTIO_MUTUAL' },
          outlierDetection: {
            consecutive5xxErrors: 5,
            interval: '10s',
            baseEjectionTime: '30s',
            maxEjectionPercent: 50,
          },
        },
        ...subsetsOf(app),
      },
    });
  }
}

/** Names of an app's route objects: `chat-vs`, `chat-dr`, and the routes that shares are set on. */
export function routeNames({ domain, ports = {} }: Pick<App, 'domain' | 'ports'>) {
  return {
    virtualService: { name: `${domain}-vs`, routes: Object.keys(ports) },
    destinationRule: `${domain}-dr`,
  };
}

function destinations({ release, canary }: App, host: string, port: number): Destination[] {
  const to = (weight: number, subset: string): Destination => ({
    destination: { host, subset, port: { number: port } },
    weight,
  });
  if (typeof release === 'string') return [{ destination: { host, port: { number: port } }, weight: 100 }];
  if ('steps' in release) return [to(100, 'stable'), to(0, 'canary')];
  const share = canary?.weight ?? 0;
  return [to(100 - share, release.versions[0]), to(share, release.versions[1])];
}

function subsetsOf({ name, release }: App): Pick<DestinationRuleSpec, 'subsets'> {
  if (typeof release === 'string') return {};
  if ('versions' in release)
    return { subsets: release.versions.map((version) => ({ name: version, labels: { version } })) };
  // Argo Rollouts adds each version's hash.
  return { subsets: ['stable', 'canary'].map((subset) => ({ name: subset, labels: selectorOf(name) })) };
}
