import { apiServerFlows, dnsFlow, internet } from '../constructs/reach.js';
import type { Flow, PodPeer } from '../constructs/traffic.js';
import { podsOf } from '../constructs/traffic.js';
import { METRICS_PORT } from './app.js';
import { endpointsOf, POSTGRES_CLUSTER_PODS, RABBITMQ_PODS } from './endpoints.js';
import { namespacesOf } from './namespaces.js';
import type { Platform } from './platform.js';
import { STORE_PORTS } from './stores.js';

/** The mesh's way in. */
export const GATEWAY_PODS: PodPeer = {
  name: 'gateway',
  namespace: 'istio-system',
  labels: { istio: 'ingressgateway' },
};

export const PROMETHEUS_PODS: PodPeer = podsOf('prometheus', 'prometheus');
const ALERTMANAGER_PODS: PodPeer = podsOf('prometheus', 'alertmanager');
const GRAFANA_PODS: PodPeer = podsOf('grafana', 'grafana');
const ELASTICSEARCH_PODS: PodPeer = podsOf('logging', 'elasticsearch');
const FLUENT_BIT_PODS: PodPeer = podsOf('logging', 'fluent-bit');
const ISTIOD: PodPeer = { name: 'istiod', namespace: 'istio-system', labels: { app: 'istiod' } };

/** Every connection that is meant to be, from the table's rows and from what each operator documents. */
export function platformFlows(platform: Platform): readonly Flow[] {
  return [...appFlows(platform), ...storeFlows(platform), ...observabilityFlows(platform), ...operatorFlows(platform)];
}

/** Every Pod of a namespace, whoever makes it. */
export function everyPodOf(namespace: string): PodPeer {
  return { name: 'every-pod', namespace, labels: {} };
}

function appFlows(platform: Platform): readonly Flow[] {
  const { apps, cluster } = platform;
  const endpoints = endpointsOf(platform);
  const all = apps.map(({ name, domain }) => podsOf(domain, name));
  return [
    ...apps.flatMap(({ name, domain, calls }) =>
      endpoints
        .filter((endpoint) => calls.includes(endpoint.name))
        .map(({ name: called, to, port }) => ({
          why: `${name} calls ${called}`,
          from: [podsOf(domain, name)],
          to,
          ports: [{ port }],
        })),
    ),
    ...apps
      .filter(({ calls }) => calls.includes('internet'))
      .map(({ name, domain }) => ({
        why: `${name} calls services on the internet`,
        from: [podsOf(domain, name)],
        to: internet(cluster),
        ports: [{ port: 443 }],
      })),
    ...apps
      .filter(({ path }) => path !== undefined)
      .map(({ name, domain, ports = {} }) => ({
        why: `users call ${name} through the gateway`,
        from: [GATEWAY_PODS],
        to: [podsOf(domain, name)],
        ports: [{ port: ports.http ?? 0 }],
      })),
    { why: 'the mesh: certificates and routes', from: [...all, GATEWAY_PODS], to: [ISTIOD], ports: [{ port: 15012 }] },
    {
      why: 'metrics of the app and of the mesh',
      from: [PROMETHEUS_PODS],
      to: all,
      ports: [{ port: METRICS_PORT }, { port: 15090 }],
    },
    dnsFlow(all),
  ];
}

function storeFlows(platform: Platform): readonly Flow[] {
  const { cluster, postgres, redis } = platform;
  const [servers, front] = [podsOf('redis', 'redis'), podsOf('redis', 'redis-streams')];
  return [
    ...(postgres.kind === 'ha'
      ? [
          {
            why: 'standbys follow the primary',
            from: [POSTGRES_CLUSTER_PODS],
            to: [POSTGRES_CLUSTER_PODS],
            ports: [{ port: 5432 }, { port: 8000 }],
          },
          {
            why: 'the operator asks each instance how it is',
            from: [everyPodOf('data-system')],
            to: [POSTGRES_CLUSTER_PODS],
            ports: [{ port: 5432 }, { port: 8000 }],
          },
          ...apiServerFlows(cluster, [POSTGRES_CLUSTER_PODS]),
          dnsFlow([POSTGRES_CLUSTER_PODS]),
          scrape(POSTGRES_CLUSTER_PODS, 9187),
        ]
      : []),
    ...(postgres.kind === 'single' ? [scrape(podsOf('postgres', 'postgres'), 9187)] : []),
    ...(redis.kind === 'sentinel'
      ? [
          {
            why: 'servers and Sentinels find each other',
            from: [servers],
            to: [servers],
            ports: [{ port: STORE_PORTS.redis }, { port: STORE_PORTS.sentinel }],
          },
          {
            why: 'the proxy looks for the master',
            from: [front],
            to: [servers],
            ports: [{ port: STORE_PORTS.redis }, { port: STORE_PORTS.sentinel }],
          },
          dnsFlow([servers, front]),
          scrape(servers, 9121),
          scrape(front, 8404),
        ]
      : [scrape(front, 9121)]),
    {
      why: 'nodes of the RabbitMQ cluster',
      from: [RABBITMQ_PODS],
      to: [RABBITMQ_PODS],
      ports: [{ port: 4369 }, { port: 25672 }],
    },
    {
      why: 'the operator asks RabbitMQ how it is',
      from: [everyPodOf('messaging-system')],
      to: [RABBITMQ_PODS],
      ports: [{ port: STORE_PORTS.rabbitmqManagement }],
    },
    ...apiServerFlows(cluster, [RABBITMQ_PODS]),
    dnsFlow([RABBITMQ_PODS]),
    scrape(RABBITMQ_PODS, 15692),
  ];
}

function observabilityFlows({ cluster }: Platform): readonly Flow[] {
  return [
    ...apiServerFlows(cluster, [PROMETHEUS_PODS, FLUENT_BIT_PODS, GRAFANA_PODS]),
    dnsFlow([PROMETHEUS_PODS, ALERTMANAGER_PODS, GRAFANA_PODS, FLUENT_BIT_PODS, ELASTICSEARCH_PODS]),
    {
      why: 'kubelets and their containers',
      from: [PROMETHEUS_PODS],
      to: cluster.network.nodeCidrs.map((cidr) => ({ cidr })),
      ports: [{ port: 10250 }],
    },
    { why: 'alerts', from: [PROMETHEUS_PODS], to: [ALERTMANAGER_PODS], ports: [{ port: 9093 }] },
    {
      why: 'Alertmanagers gossip',
      from: [ALERTMANAGER_PODS],
      to: [ALERTMANAGER_PODS],
      ports: [{ port: 9094 }, { port: 9094, protocol: 'UDP' }],
    },
    { why: 'dashboards', from: [GRAFANA_PODS], to: [PROMETHEUS_PODS], ports: [{ port: 9090 }] },
    { why: 'logs', from: [FLUENT_BIT_PODS, GRAFANA_PODS], to: [ELASTICSEARCH_PODS], ports: [{ port: 9200 }] },
    scrape(PROMETHEUS_PODS, 9090),
    scrape(ALERTMANAGER_PODS, 9093),
    scrape(FLUENT_BIT_PODS, 2020),
  ];
}

/** Operators come with charts of their own, so what they need is opened for a whole namespace. */
function operatorFlows(platform: Platform): readonly Flow[] {
  const { cluster } = platform;
  const pods = namespacesOf(platform)
    .filter(({ tier }) => tier === 'infrastructure')
    .map(({ name }) => everyPodOf(name));
  const nodes = cluster.network.nodeCidrs.map((cidr) => ({ cidr }));
  return [
    dnsFlow(pods),
    ...apiServerFlows(cluster, pods),
    ...pods.map((all) => ({ why: 'parts of one operator talk to each other', from: [all], to: [all] })),
    { why: 'the API server calls webhooks', from: nodes, to: pods },
    { why: 'cloud APIs, charts, git', from: pods, to: internet(cluster), ports: [{ port: 443 }, { port: 22 }] },
    { why: 'metrics of operators', from: [PROMETHEUS_PODS], to: pods },
    // The load balancer comes through a NodePort, which hides the sender behind a node.
    {
      why: 'users, through the load balancer',
      from: 'anywhere',
      to: [GATEWAY_PODS],
      ports: [{ port: 80 }, { port: 15021 }],
    },
  ];
}

function scrape(to: PodPeer, port: number): Flow {
  return { why: 'metrics', from: [PROMETHEUS_PODS], to: [to], ports: [{ port }] };
}
