import { ECO2_DEV } from '../../charts/clusters/eco2/dev.js';
import { ECO2_PROD } from '../../charts/clusters/eco2/prod.js';
import { CRD_SOURCES } from '../../charts/crds/sources.js';
import { allowed } from '../../charts/invariants/reachability.js';
import type { Platform } from '../../charts/platform/platform.js';
import { TIERS } from '../../charts/platform/platform.js';
import { one } from './one-object.js';
import { BOTH, DEV, PROD, rendered } from './rendered-eco2.js';

const pods = (namespace: string, name: string) => ({ namespace, labels: { 'app.kubernetes.io/name': name } });
const GATEWAY = { namespace: 'istio-system', labels: { istio: 'ingressgateway' } };
const POSTGRES = { namespace: 'postgres', labels: { 'cnpg.io/cluster': 'postgres' } };

describe('traffic in prod', () => {
  test('follows the table’s calls and nothing else', () => {
    const to = pods('character', 'character-api');
    expect(allowed(PROD, { from: pods('chat', 'chat-api'), to, port: 50051 })).toBe(true);
    expect(allowed(PROD, { from: pods('chat', 'chat-api'), to, port: 8000 })).toBe(false);
    expect(allowed(PROD, { from: pods('scan', 'scan-worker'), to, port: 50051 })).toBe(false);
    expect(allowed(PROD, { from: pods('auth', 'auth-api'), to: POSTGRES, port: 5432 })).toBe(true);
    expect(allowed(PROD, { from: pods('image', 'image-api'), to: POSTGRES, port: 5432 })).toBe(false);
  });

  test('comes in through the gateway alone', () => {
    expect(allowed(PROD, { from: GATEWAY, to: pods('chat', 'chat-api'), port: 8000 })).toBe(true);
    expect(allowed(PROD, { from: { address: '203.0.113.200' }, to: pods('chat', 'chat-api'), port: 8000 })).toBe(false);
    expect(allowed(PROD, { from: { address: '198.51.100.9' }, to: GATEWAY, port: 80 })).toBe(true);
    expect(allowed(PROD, { from: GATEWAY, to: POSTGRES, port: 5432 })).toBe(false);
  });

  test('goes out to the internet only where the table says so, and never to the metadata service', () => {
    const worker = pods('chat', 'chat-worker');
    expect(allowed(PROD, { from: worker, to: { address: '1.1.1.1' }, port: 443 })).toBe(true);
    expect(allowed(PROD, { from: worker, to: { address: '169.254.169.254' }, port: 443 })).toBe(false);
    expect(allowed(PROD, { from: pods('my', 'my-api'), to: { address: '1.1.1.1' }, port: 443 })).toBe(false);
  });

  test('reaches Redis through the proxy, and its servers only from there', () => {
    const from = pods('event-router', 'event-router');
    expect(allowed(PROD, { from, to: pods('redis', 'redis-streams'), port: 6379 })).toBe(true);
    expect(allowed(PROD, { from, to: pods('redis', 'redis'), port: 6379 })).toBe(false);
    expect(allowed(PROD, { from: pods('redis', 'redis-streams'), to: pods('redis', 'redis'), port: 26379 })).toBe(true);
  });
});

test('traffic in dev is open within the platform, and closed to everybody else', () => {
  const to = pods('character', 'character-api');
  expect(allowed(DEV, { from: pods('scan', 'scan-worker'), to, port: 50051 })).toBe(true);
  expect(allowed(DEV, { from: { namespace: 'default', labels: {} }, to, port: 50051 })).toBe(false);
});

describe('PostgreSQL in Amazon RDS', () => {
  const rds: Platform = {
    ...ECO2_PROD,
    postgres: { kind: 'rds', endpoint: 'eco2.abcdefghijkl.ap-northeast-2.rds.amazonaws.com', cidr: '10.20.30.0/24' },
  };
  const landscape = rendered(rds);

  test('keeps the name postgres.postgres, an egress flow and its secret', () => {
    expect(one(landscape, 'Service', 'postgres', 'postgres').spec).toMatchObject({
      type: 'ExternalName',
      externalName: 'eco2.abcdefghijkl.ap-northeast-2.rds.amazonaws.com',
    });
    expect(one(landscape, 'ExternalSecret', 'postgres', 'postgres-owner').spec.target.name).toBe('postgres-owner');
    const from = pods('auth', 'auth-api');
    expect(allowed(landscape, { from, to: { address: '10.20.30.7' }, port: 5432 })).toBe(true);
    expect(allowed(landscape, { from, to: { address: '10.20.31.7' }, port: 5432 })).toBe(false);
  });

  test('needs no operator’s cluster', () => expect(landscape.of('Cluster')).toEqual([]));
});

describe('releases', () => {
  test('come in all four kinds: rolling, blue-green, canary by a Rollout, canary by a route', () => {
    expect(one(PROD, 'Deployment', 'auth', 'auth-api').spec.strategy).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
    });
    expect(one(PROD, 'Rollout', 'scan', 'scan-api').spec.strategy.blueGreen).toMatchObject({
      activeService: 'scan-api',
      previewService: 'scan-api-preview',
    });
    expect(one(PROD, 'Rollout', 'location', 'location-api').spec.strategy.canary?.trafficRouting?.istio).toEqual({
      virtualService: { name: 'location-vs', routes: ['http', 'grpc'] },
      destinationRule: { name: 'location-dr', stableSubsetName: 'stable', canarySubsetName: 'canary' },
    });
    expect(one(PROD, 'Deployment', 'chat', 'chat-api-v2').spec.template.metadata?.labels).toMatchObject({
      version: 'v2',
    });
  });

  test.each(BOTH)(
    '%s asks gRPC servers by gRPC, workers by a command, the rest over HTTP',
    (_, landscape, { apps }) => {
      for (const { name, ports, tier } of apps) {
        const source = landscape.podSources().find(({ manifest }) => manifest.metadata.name === name);
        const how = tier === 'worker' ? 'exec' : ports && 'grpc' in ports ? 'grpc' : 'httpGet';
        for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'] as const)
          expect(source?.template.spec.containers?.[0]?.[probe]).toHaveProperty(how);
      }
    },
  );
});

describe.each(BOTH)('the delivery of %s', (environment, landscape, platform) => {
  const own = one(landscape, 'Application', 'argocd', `eco2-${environment}`);

  test('follows develop by itself in dev, and a chosen tag by hand in prod', () => {
    const { source, syncPolicy } = own.spec as unknown as {
      readonly source: { readonly targetRevision: string; readonly path: string };
      readonly syncPolicy: { readonly automated?: object };
    };
    expect(source.path).toBe(`cdk8s.out/eco2-${environment}`);
    expect(source.targetRevision).toMatch(environment === 'dev' ? /^develop$/ : /^v\d+\.\d+\.\d+$/);
    expect(syncPolicy.automated).toEqual(environment === 'dev' ? { prune: true, selfHeal: true } : undefined);
  });

  test('goes in waves: CRDs, operators and namespaces, stores, services, routes', () => {
    const waveOf = (kind: Parameters<typeof one>[1], namespace: string | undefined, name: string) =>
      Number(one(landscape, kind, namespace, name).metadata.annotations?.['argocd.argoproj.io/sync-wave']);
    const waves = [
      waveOf('Application', 'argocd', 'cloudnative-pg'),
      waveOf('Namespace', undefined, 'chat'),
      waveOf('RabbitmqCluster', 'rabbitmq', 'rabbitmq'),
      waveOf('Deployment', 'chat', 'chat-api'),
      waveOf('VirtualService', 'chat', 'chat-vs'),
    ];
    expect(waves).toEqual([-2, -1, 0, 1, 2]);
  });

  test('installs each operator at one version, that of the CRDs we check against where the chart has the operator’s version', () => {
    const crds = (module: string) => CRD_SOURCES.find((source) => source.module.includes(module))?.version.slice(1);
    const version = (name: string) =>
      platform.applications.find((row) => row.name === name)?.source.version.replace(/^v/, '');
    expect(version('istiod')).toBe(crds('istio.io/api'));
    expect(version('external-secrets')).toBe(crds('external-secrets'));
    expect(version('rabbitmq-cluster-operator')).toBe(crds('rabbitmq/cluster-operator'));
  });

  test('has an operator for every part that the seed names', () => {
    const names = platform.applications.map(({ name }) => name);
    for (const part of [
      'istiod',
      'external-secrets',
      'prometheus-operator',
      'aws-load-balancer-controller',
      'aws-ebs-csi-driver',
      'metrics-server',
      'cloudnative-pg',
      'rabbitmq-cluster-operator',
      'argo-rollouts',
      'vertical-pod-autoscaler',
      'calico',
      'grafana',
    ])
      expect(names).toContain(part);
    expect(names.includes('cluster-autoscaler')).toBe(environment === 'prod');
  });
});

describe.each(BOTH)('observability of %s', (_, landscape, platform) => {
  test('has alerts and a dashboard for each tier', () => {
    const rules = landscape.manifests
      .filter(({ kind }) => kind === 'PrometheusRule')
      .map(({ metadata }) => metadata.name);
    expect(rules.sort()).toEqual([...TIERS].sort());
    for (const tier of TIERS) {
      const text = one(landscape, 'ConfigMap', 'grafana', `dashboard-${tier}`).data?.[`${tier}.json`] ?? '';
      expect((JSON.parse(text) as { panels: unknown[] }).panels.length).toBeGreaterThan(1);
    }
  });

  test('reads every app', () => {
    for (const { name, domain } of platform.apps) expect(landscape.exists('ServiceMonitor', name, domain)).toBe(true);
  });
});

test('what differs between environments is data: dev and prod have the same apps', () => {
  expect(ECO2_DEV.apps.map(({ name }) => name)).toEqual(ECO2_PROD.apps.map(({ name }) => name));
});
