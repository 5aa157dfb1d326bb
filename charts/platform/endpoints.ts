import type { Peer, PodPeer } from '../constructs/traffic.js';
import { podsOf } from '../constructs/traffic.js';
import type { AppPort } from './app.js';
import type { Platform } from './platform.js';
import { STORE_PORTS } from './stores.js';

/** Something that can be called by a name of the cluster's DNS. */
export interface Endpoint {
  /** What `calls` of an app says. */
  readonly name: string;
  readonly service: string;
  readonly namespace: string;
  readonly port: number;
  /** Where the connection ends. */
  readonly to: readonly Peer[];
}

/** Everything in a platform that can be called, in one list: apps by name, `name:grpc`, and the stores. */
export function endpointsOf(platform: Platform): readonly Endpoint[] {
  return [
    ...platform.apps.flatMap(({ name, domain, ports = {} }) =>
      (Object.entries(ports) as [AppPort, number][]).map(([kind, port]) => ({
        name: kind === 'http' ? name : `${name}:${kind}`,
        service: name,
        namespace: domain,
        port,
        to: [podsOf(domain, name)],
      })),
    ),
    {
      name: 'postgres',
      service: 'postgres',
      namespace: 'postgres',
      port: STORE_PORTS.postgres,
      to: [postgresPods(platform)],
    },
    {
      name: 'redis',
      service: 'redis-streams',
      namespace: 'redis',
      port: STORE_PORTS.redis,
      to: [podsOf('redis', 'redis-streams')],
    },
    { name: 'rabbitmq', service: 'rabbitmq', namespace: 'rabbitmq', port: STORE_PORTS.rabbitmq, to: [RABBITMQ_PODS] },
    ...(platform.redis.kind === 'sentinel'
      ? [
          {
            name: 'redis-sentinel',
            service: 'redis-sentinel',
            namespace: 'redis',
            port: STORE_PORTS.sentinel,
            to: [podsOf('redis', 'redis')],
          },
        ]
      : []),
  ];
}

/** The Pods that the RabbitMQ operator makes of our cluster. */
export const RABBITMQ_PODS: PodPeer = podsOf('rabbitmq', 'rabbitmq');

/** The Pods that CloudNativePG makes of our cluster, whichever is the primary. */
export const POSTGRES_CLUSTER_PODS: PodPeer = {
  name: 'postgres',
  namespace: 'postgres',
  labels: { 'cnpg.io/cluster': 'postgres' },
};

function postgresPods({ postgres }: Platform): Peer {
  if (postgres.kind === 'rds') return { cidr: postgres.cidr };
  return postgres.kind === 'ha' ? POSTGRES_CLUSTER_PODS : podsOf('postgres', 'postgres');
}

/** The full name that Pods of any namespace use. */
export function dnsName({ service, namespace }: Pick<Endpoint, 'service' | 'namespace'>): string {
  return `${service}.${namespace}.svc.cluster.local`;
}

/** The addresses of what an app calls, as variables: `CHARACTER_API_GRPC=character-api.character.svc…:50051`. */
export function addressVariables(platform: Platform, calls: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    endpointsOf(platform)
      .filter(({ name }) => calls.includes(name))
      .map((endpoint) => [
        `${endpoint.name.toUpperCase().replaceAll(/[^A-Z]/g, '_')}_ADDRESS`,
        `${dnsName(endpoint)}:${endpoint.port}`,
      ]),
  );
}
