import { ECO2_DEV } from '../../charts/clusters/eco2/dev.js';
import { ECO2_PROD } from '../../charts/clusters/eco2/prod.js';
import type { Landscape } from '../../charts/invariants/landscape.js';
import { matches } from '../../charts/invariants/landscape.js';
import type { Labels, Manifest } from '../../charts/invariants/manifest.js';
import { parseQuantity } from '../../charts/model/quantity.js';
import { dnsName, endpointsOf } from '../../charts/platform/endpoints.js';
import { poolOf } from '../../charts/platform/placement.js';
import { one } from './one-object.js';
import { BOTH, DEV, PROD } from './rendered-eco2.js';

/** `kubectl get ns -l …`, sorted. */
function namespaces(landscape: Landscape, selector: Labels): readonly string[] {
  return landscape
    .of('Namespace')
    .filter(({ metadata }) => matches(selector, metadata.labels ?? {}))
    .map(({ metadata }) => metadata.name)
    .sort();
}

/** `kubectl get pods -A -l …`: what makes the Pods, by name, sorted. */
function pods(landscape: Landscape, selector: Labels): readonly string[] {
  return landscape
    .podSources()
    .filter(({ template }) => matches(selector, template.metadata?.labels ?? {}))
    .map(({ manifest }) => manifest.metadata.name)
    .sort();
}

/** `kubectl get KIND -A -l …`, by name, sorted. */
function objects(landscape: Landscape, kind: string, selector: Labels): readonly string[] {
  const found = (manifest: Manifest) => manifest.kind === kind && matches(selector, manifest.metadata.labels ?? {});
  return landscape.manifests
    .filter(found)
    .map(({ metadata }) => metadata.name)
    .sort();
}

describe.each(BOTH)('the namespaces of %s', (environment, landscape) => {
  test.each([
    ['business-logic', ['auth', 'character', 'chat', 'image', 'location', 'my', 'scan']],
    ['data', ['postgres', 'redis']],
    ['integration', ['event-router', 'rabbitmq', 'sse-gateway']],
    ['observability', ['grafana', 'logging', 'prometheus']],
    ['infrastructure', ['argocd', 'data-system', 'istio-system', 'messaging-system', 'platform-system']],
  ])('kubectl get ns -l tier=%s', (tier, expected) => {
    expect(namespaces(landscape, { tier })).toEqual(expected);
  });

  test('kubectl get ns -l app.kubernetes.io/part-of=ecoeco-backend lists all of them, each with domain and environment', () => {
    const all = namespaces(landscape, { 'app.kubernetes.io/part-of': 'ecoeco-backend' });
    expect(all).toHaveLength(20);
    for (const { metadata } of landscape.of('Namespace'))
      expect(metadata.labels).toMatchObject({ domain: metadata.name, environment });
  });

  test('have no worker tier of their own: workers live in their domains', () => {
    expect(namespaces(landscape, { tier: 'worker' })).toEqual([]);
    expect(pods(landscape, { tier: 'worker' })).toEqual(['character-worker', 'chat-worker', 'scan-worker']);
  });
});

describe.each(BOTH)('the endpoints of %s', (_, landscape, platform) => {
  test.each([
    ['chat-api', 'chat-api.chat.svc.cluster.local', 8000],
    ['character-api:grpc', 'character-api.character.svc.cluster.local', 50051],
    ['location-api:grpc', 'location-api.location.svc.cluster.local', 50051],
    ['redis', 'redis-streams.redis.svc.cluster.local', 6379],
    ['postgres', 'postgres.postgres.svc.cluster.local', 5432],
    ['rabbitmq', 'rabbitmq.rabbitmq.svc.cluster.local', 5672],
  ])('%s is %s:%d', (name, host, port) => {
    const endpoint = endpointsOf(platform).find((row) => row.name === name);
    expect(endpoint && [dnsName(endpoint), endpoint.port]).toEqual([host, port]);
    const [service = '', namespace = ''] = host.split('.');
    if (name === 'rabbitmq') return expect(landscape.exists('Service', service, namespace)).toBe(true);
    const { spec } = one(landscape, 'Service', namespace, service);
    expect(spec.ports.map((row) => row.port)).toContain(port);
    return expect(landscape.selected(namespace, spec.selector ?? {}).length).toBeGreaterThan(0);
  });

  test('rabbitmq.rabbitmq.svc.cluster.local:5672/15672 is made by the operator of a cluster of that name', () => {
    expect(one(landscape, 'RabbitmqCluster', 'rabbitmq', 'rabbitmq').metadata.labels).toMatchObject({
      tier: 'integration',
    });
  });

  test('the other APIs use 8000', () => {
    for (const { name, domain, tier } of platform.apps)
      if (tier === 'business-logic')
        expect(one(landscape, 'Service', domain, name).spec.ports).toContainEqual(
          expect.objectContaining({ name: 'http', port: 8000 }),
        );
  });
});

describe('the right target', () => {
  test('postgres.postgres is the one Pod in dev, and whichever instance is the primary in prod', () => {
    expect(one(DEV, 'Service', 'postgres', 'postgres').spec.selector).toEqual({ 'app.kubernetes.io/name': 'postgres' });
    expect(one(PROD, 'Service', 'postgres', 'postgres').spec.selector).toEqual({
      'cnpg.io/cluster': 'postgres',
      'cnpg.io/instanceRole': 'primary',
    });
  });

  test('redis-streams.redis is the one server in dev, and in prod a proxy that asks who is master and whether Sentinels agree', () => {
    const selected = (landscape: Landscape) =>
      landscape.selected('redis', one(landscape, 'Service', 'redis', 'redis-streams').spec.selector ?? {});
    expect(selected(DEV).map(({ manifest }) => manifest.kind)).toEqual(['StatefulSet']);
    expect(selected(PROD).map(({ manifest }) => manifest.kind)).toEqual(['Deployment']);
    const settings = one(PROD, 'ConfigMap', 'redis', 'redis-proxy').data?.['haproxy.cfg'] ?? '';
    expect(settings).toContain('tcp-check expect string role:master');
    for (const server of [0, 1, 2])
      expect(settings).toContain(
        `use-server redis${server} if { srv_is_up(redis${server}) } { nbsrv(says_${server}) ge 2 }`,
      );
    expect(one(PROD, 'Service', 'redis', 'redis-sentinel').spec.ports[0]).toMatchObject({ port: 26379 });
  });
});

describe('nodes', () => {
  test.each([
    ['dev', ECO2_DEV, ['k8s-worker-1'], ['k8s-storage']],
    [
      'prod',
      ECO2_PROD,
      ['k8s-worker-1', 'k8s-worker-2', 'k8s-worker-3'],
      ['k8s-storage-1', 'k8s-storage-2', 'k8s-storage-3'],
    ],
  ])('kubectl get nodes -l node-pool=app, and =data: %s', (_, { cluster }, app, data) => {
    const inPool = (pool: string) =>
      cluster.nodes.filter(({ labels = {} }) => labels['node-pool'] === pool).map(({ name }) => name);
    expect(inPool('app')).toEqual(app);
    expect(inPool('data')).toEqual(data);
    expect(inPool('control-plane')).toEqual(['k8s-master']);
  });

  test.each(BOTH)(
    'APIs and workers of %s go to the app pool and tolerate workload-type=api, literally',
    (_, landscape, platform) => {
      for (const { name, tier } of platform.apps) {
        const source = landscape.podSources().find(({ manifest }) => manifest.metadata.name === name);
        expect([tier, source?.template.spec]).toEqual([
          tier,
          expect.objectContaining({
            nodeSelector: { 'node-pool': 'app' },
            tolerations: [{ key: 'workload-type', operator: 'Equal', value: 'api', effect: 'NoSchedule' }],
          }),
        ]);
      }
    },
  );

  test.each(BOTH)('stores of %s go to the data pool', (_, landscape) => {
    const stores = landscape
      .podSources()
      .filter(({ manifest }) => ['postgres', 'redis', 'rabbitmq'].includes(manifest.metadata.namespace ?? ''));
    expect(stores.length).toBeGreaterThanOrEqual(3);
    for (const { template } of stores) expect(template.spec.nodeSelector).toEqual({ 'node-pool': 'data' });
  });

  test.each(BOTH)('the log collector of %s is on every node, whatever its taint', (_, landscape) => {
    expect(one(landscape, 'DaemonSet', 'logging', 'fluent-bit').spec.template.spec.tolerations).toEqual([
      { operator: 'Exists' },
    ]);
  });
});

describe.each(BOTH)('the mesh of %s', (_, landscape, platform) => {
  test('kubectl describe gateway eco2-gateway -n istio-system: the one gateway, for the platform’s host', () => {
    expect(landscape.of('Gateway').map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`)).toEqual([
      'istio-system/eco2-gateway',
    ]);
    expect(one(landscape, 'Gateway', 'istio-system', 'eco2-gateway').spec.servers[0]?.hosts).toEqual([platform.host]);
  });

  test('kubectl describe virtualservice chat-vs -n chat: v1 gets 90 %, v2 10 %', () => {
    const { spec } = one(landscape, 'VirtualService', 'chat', 'chat-vs');
    expect(spec.gateways).toContain('istio-system/eco2-gateway');
    expect(spec.http[0]?.route.map(({ destination, weight }) => [destination.subset, weight])).toEqual([
      ['v1', 90],
      ['v2', 10],
    ]);
    expect(one(landscape, 'DestinationRule', 'chat', 'chat-dr').spec.subsets).toEqual([
      { name: 'v1', labels: { version: 'v1' } },
      { name: 'v2', labels: { version: 'v2' } },
    ]);
  });

  test('kubectl get virtualservice -A: a route for each API and for the event stream', () => {
    expect(
      landscape
        .of('VirtualService')
        .map(({ metadata }) => metadata.name)
        .sort(),
    ).toEqual(['auth-vs', 'character-vs', 'chat-vs', 'image-vs', 'location-vs', 'my-vs', 'scan-vs', 'sse-gateway-vs']);
  });

  test('a sidecar is in every business Pod, and traffic between them is encrypted', () => {
    for (const name of namespaces(landscape, { tier: 'business-logic' })) expect(landscape.inMesh(name)).toBe(true);
    for (const name of ['postgres', 'redis', 'rabbitmq', 'prometheus', 'argocd', 'istio-system'])
      expect(landscape.inMesh(name)).toBe(false);
    expect(
      landscape.of('PeerAuthentication').map(({ metadata, spec }) => [metadata.namespace, spec.mtls.mode]),
    ).toEqual([['istio-system', 'STRICT']]);
  });

  test('kubectl get ingress -A: one, in istio-system, by the load balancer controller, with instances as targets', () => {
    const [ingress, ...others] = landscape.of('Ingress');
    expect(others).toEqual([]);
    expect(ingress).toMatchObject({ metadata: { namespace: 'istio-system' }, spec: { ingressClassName: 'alb' } });
    expect(ingress?.metadata.annotations).toMatchObject({ 'alb.ingress.kubernetes.io/target-type': 'instance' });
    expect(JSON.stringify(landscape.manifests)).not.toContain('eks.amazonaws.com');
  });
});

describe.each(BOTH)('storage of %s', (_, landscape) => {
  test('is gp3 as the seed writes it, and the default', () => {
    const [storageClass, ...others] = landscape.manifests.filter(({ kind }) => kind === 'StorageClass');
    expect(others).toEqual([]);
    expect(storageClass).toMatchObject({
      metadata: { name: 'gp3', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: 'ebs.csi.aws.com',
      parameters: { type: 'gp3', fsType: 'ext4' },
      volumeBindingMode: 'WaitForFirstConsumer',
      reclaimPolicy: 'Delete',
    });
  });

  test('is what every claim asks for', () => {
    const text = JSON.stringify(landscape.manifests.filter(({ kind }) => kind !== 'StorageClass'));
    const classes = [...text.matchAll(/"storageClass(?:Name)?":"([^"]+)"/g)].map(([, name]) => name);
    expect(new Set(classes)).toEqual(new Set(['gp3']));
    expect(classes.length).toBeGreaterThanOrEqual(5);
  });
});

test('kubectl describe pvc postgres-data -n postgres, and exec postgres-0 -- df -h /var/lib/postgresql/data: dev', () => {
  expect(one(DEV, 'PersistentVolumeClaim', 'postgres', 'postgres-data').spec.storageClassName).toBe('gp3');
  const { spec } = one(DEV, 'StatefulSet', 'postgres', 'postgres');
  expect(spec.replicas).toBe(1);
  expect(JSON.stringify(spec.template.spec.volumes)).toContain('"claimName":"postgres-data"');
  expect(JSON.stringify(spec.template.spec.containers)).toContain('"mountPath":"/var/lib/postgresql/data"');
});

describe('dev and prod differ as the seed’s table says', () => {
  const replicas = (landscape: Landscape) =>
    landscape
      .podSources()
      .filter(({ manifest }) => /-(api|worker|router|gateway)$/.test(manifest.metadata.name))
      .map(({ manifest }) => {
        const scaler = landscape
          .of('HorizontalPodAutoscaler')
          .find(({ metadata }) => metadata.name === manifest.metadata.name);
        const { minReplicas } = (scaler?.spec ?? {}) as { readonly minReplicas?: number };
        return minReplicas ?? (manifest as unknown as { readonly spec: { readonly replicas: number } }).spec.replicas;
      });

  test('nodes: 3, and 6 or more', () => {
    expect(ECO2_DEV.cluster.nodes).toHaveLength(3);
    expect(ECO2_PROD.cluster.nodes.length).toBeGreaterThanOrEqual(6);
  });

  test('Redis: single, and three with Sentinel', () => {
    expect(one(DEV, 'StatefulSet', 'redis', 'redis-streams').spec.replicas).toBe(1);
    expect(one(PROD, 'StatefulSet', 'redis', 'redis').spec.replicas).toBe(3);
    const containers = one(PROD, 'StatefulSet', 'redis', 'redis').spec.template.spec.containers ?? [];
    expect(containers.map(({ name }) => name)).toEqual(['redis', 'sentinel', 'metrics']);
  });

  test('PostgreSQL: single, and highly available', () => {
    expect(DEV.of('Cluster')).toEqual([]);
    expect(one(PROD, 'Cluster', 'postgres', 'postgres').spec.instances).toBe(3);
  });

  test('replicas: 1, and 2 to 3', () => {
    expect(new Set(replicas(DEV))).toEqual(new Set([1]));
    expect(new Set(replicas(PROD))).toEqual(new Set([2, 3]));
  });

  test('HPA: off, and on for every API, at 70 % of the CPU', () => {
    expect(DEV.of('HorizontalPodAutoscaler')).toEqual([]);
    const scaled = PROD.of('HorizontalPodAutoscaler').map(({ metadata }) => metadata.name);
    for (const { name, tier } of ECO2_PROD.apps) if (tier === 'business-logic') expect(scaled).toContain(name);
    for (const scaler of PROD.of('HorizontalPodAutoscaler'))
      expect(JSON.stringify(scaler)).toContain('"averageUtilization":70');
  });

  test('resource limits: low, and high', () => {
    ECO2_DEV.apps.forEach(({ limits }, index) => {
      for (const resource of ['cpu', 'memory']) {
        const high = ECO2_PROD.apps[index]?.limits[resource] ?? '';
        expect(parseQuantity(limits[resource] ?? '')).toBeLessThan(parseQuantity(high));
      }
    });
  });

  test('network policy: loose, and strict', () => {
    const open = (landscape: Landscape) =>
      landscape.of('NetworkPolicy').filter(({ metadata }) => metadata.name === 'open-to-platform');
    expect(open(DEV)).toHaveLength(20);
    expect(open(PROD)).toEqual([]);
  });
});

describe.each(BOTH)('the labels of %s', (environment, landscape) => {
  test('kubectl get pods -l environment=… -A finds every Pod, whoever makes it', () => {
    expect(pods(landscape, { environment })).toEqual(
      landscape
        .podSources()
        .map(({ manifest }) => manifest.metadata.name)
        .sort(),
    );
    expect(pods(landscape, { environment: environment === 'dev' ? 'prod' : 'dev' })).toEqual([]);
  });

  test.each([
    ['business-logic', 8],
    ['worker', 3],
    ['integration', 3],
  ])('kubectl get pods -l tier=%s -A: %d kinds of Pod', (tier, count) => {
    expect(pods(landscape, { tier })).toHaveLength(count);
  });

  test('kubectl get pods -l tier=data -A', () => {
    expect(pods(landscape, { tier: 'data' })).toEqual(
      environment === 'dev' ? ['postgres', 'redis-streams'] : ['postgres', 'redis', 'redis-streams'],
    );
  });

  test('domain-check.sh chat: API Pods, worker Pods, Services, ConfigMaps', () => {
    expect(pods(landscape, { domain: 'chat', tier: 'business-logic' })).toEqual(['chat-api', 'chat-api-v2']);
    expect(pods(landscape, { domain: 'chat', tier: 'worker' })).toEqual(['chat-worker']);
    expect(objects(landscape, 'Service', { domain: 'chat' })).toEqual(['chat-api', 'chat-worker']);
    expect(objects(landscape, 'ConfigMap', { domain: 'chat' })).toEqual(['chat-config']);
  });

  test('every domain has one ConfigMap', () => {
    for (const domain of namespaces(landscape, { 'istio-injection': 'enabled' }))
      expect(objects(landscape, 'ConfigMap', { domain })).toEqual([`${domain}-config`]);
  });
});

describe('each pool', () => {
  test.each(BOTH)('of %s is named for every tier', (_, __, platform) => {
    expect(poolOf(platform, 'data').name).toBe('data');
    expect(poolOf(platform, 'business-logic')).toMatchObject({ name: 'app', workloadType: 'api' });
    expect(Object.keys(poolOf(platform, 'infrastructure').machines)).not.toEqual([]);
  });
});
