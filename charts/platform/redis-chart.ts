import type { Construct } from 'constructs';
import { k8s } from 'cdk8s-plus-30';
import { Config } from '../constructs/config.js';
import { DisruptionBudget } from '../constructs/disruption-budget.js';
import { Monitor } from '../constructs/monitor.js';
import { probes } from '../constructs/probes.js';
import { restrictedContainer, restrictedPod, runningAs } from '../constructs/restricted.js';
import { SecretFromStore } from '../constructs/secret-from-store.js';
import { StatefulWorkload } from '../constructs/stateful-workload.js';
import { Workload } from '../constructs/workload.js';
import { WorkloadService } from '../constructs/workload-service.js';
import { resourcesOf } from './app-workload.js';
import { SECRET_STORE } from './cluster-chart.js';
import { PartChart } from './part-chart.js';
import { placed } from './placement.js';
import type { Platform } from './platform.js';
import { EXPORTER_SIZE } from './postgres-chart.js';
import { proxySettings, serverSettings, startScript } from './redis-files.js';
import type { Redis } from './stores.js';
import { STORE_PORTS } from './stores.js';

const REDIS_USER = 999;
const PROXY_USER = 99;

/** Redis, always `redis-streams.redis:6379`: one server, or three with Sentinels and a proxy that follows the master. */
export class RedisChart extends PartChart {
  constructor(scope: Construct, id: string, { platform }: { readonly platform: Platform }) {
    super(scope, id, { platform, namespace: 'redis', tier: 'data' });
    const { redis } = platform;
    const secret = new SecretFromStore(this, 'redis-auth', {
      store: SECRET_STORE,
      path: `${platform.secretPath}/redis`,
      keys: ['REDIS_PASSWORD'],
    });
    if (redis.kind === 'single') this.single(platform, secret);
    else this.replicated(platform, redis, secret);
  }

  private single(platform: Platform, secret: SecretFromStore): void {
    const { redis } = platform;
    const config = new Config(this, 'redis-config', {
      files: { 'redis.conf': serverSettings(mostMemory(redis), false) },
    });
    const command = ['sh', '-c', 'exec redis-server /etc/redis/redis.conf --requirepass "$REDIS_PASSWORD"'];
    const workload = new StatefulWorkload(this, 'redis-streams', {
      replicas: 1,
      claims: [{ name: 'data', size: redis.storage, storageClass: platform.storageClass }],
      podAnnotations: { 'berth.dev/config': config.version },
      pod: restrictedPod({
        ...placed(platform, 'data'),
        securityContext: runningAs(REDIS_USER),
        containers: [server(redis, secret, command), exporter(redis, secret)],
        volumes: [config.volume(), scratch()],
      }),
    });
    new WorkloadService(workload, 'service', {
      ports: [
        { name: 'tcp-redis', port: STORE_PORTS.redis },
        { name: 'http-metrics', port: 9121 },
      ],
    });
    new DisruptionBudget(workload, 'budget');
    new Monitor(workload, 'monitor');
  }

  private replicated(platform: Platform, redis: Extract<Redis, { kind: 'sentinel' }>, secret: SecretFromStore): void {
    const config = new Config(this, 'redis-config', {
      files: {
        'redis.conf': serverSettings(mostMemory(redis), true),
        'start.sh': startScript(redis.replicas, redis.quorum),
      },
    });
    const podName: k8s.EnvVar = { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } };
    const servers = new StatefulWorkload(this, 'redis', {
      replicas: redis.replicas,
      claims: [{ name: 'data', size: redis.storage, storageClass: platform.storageClass }],
      podAnnotations: { 'berth.dev/config': config.version },
      pod: restrictedPod({
        ...placed(platform, 'data'),
        securityContext: runningAs(REDIS_USER),
        affinity: apart('redis'),
        initContainers: [
          restrictedContainer({
            name: 'join',
            image: redis.image,
            imagePullPolicy: 'IfNotPresent',
            command: ['sh', '/etc/redis/start.sh'],
            env: [podName, ...secret.variables()],
            resources: resourcesOf(EXPORTER_SIZE),
            volumeMounts: MOUNTS,
          }),
        ],
        containers: [
          server(redis, secret, ['redis-server', '/data/redis.conf']),
          restrictedContainer({
            name: 'sentinel',
            image: redis.image,
            imagePullPolicy: 'IfNotPresent',
            command: ['redis-sentinel', '/data/sentinel.conf'],
            ports: [{ name: 'tcp-sentinel', containerPort: STORE_PORTS.sentinel }],
            ...probes({ check: { tcp: 'tcp-sentinel' } }),
            resources: resourcesOf(EXPORTER_SIZE),
            volumeMounts: MOUNTS,
          }),
          exporter(redis, secret),
        ],
        volumes: [config.volume(), scratch()],
      }),
    });
    const sentinel = { name: 'tcp-sentinel', port: STORE_PORTS.sentinel };
    new WorkloadService(servers, 'service', {
      headless: true,
      ports: [{ name: 'tcp-redis', port: STORE_PORTS.redis }, sentinel, { name: 'http-metrics', port: 9121 }],
    });
    new WorkloadService(servers, 'sentinels', { name: 'redis-sentinel', ports: [sentinel] });
    new DisruptionBudget(servers, 'budget');
    new Monitor(servers, 'monitor');
    this.proxy(platform, redis, secret);
  }

  private proxy(platform: Platform, redis: Extract<Redis, { kind: 'sentinel' }>, secret: SecretFromStore): void {
    const { replicas, quorum, proxy } = redis;
    const config = new Config(this, 'redis-proxy', { files: { 'haproxy.cfg': proxySettings(replicas, quorum) } });
    const workload = new Workload(this, 'redis-streams', {
      replicas: proxy.replicas,
      podAnnotations: { 'berth.dev/config': config.version },
      pod: restrictedPod({
        ...placed(platform, 'data'),
        securityContext: runningAs(PROXY_USER),
        containers: [
          restrictedContainer({
            name: 'proxy',
            image: proxy.image,
            imagePullPolicy: 'IfNotPresent',
            args: ['haproxy', '-W', '-db', '-f', '/etc/proxy/haproxy.cfg'],
            ports: [
              { name: 'tcp-redis', containerPort: STORE_PORTS.redis },
              { name: 'http-metrics', containerPort: 8404 },
            ],
            env: secret.variables(),
            ...probes({ check: { http: 'http-metrics' } }),
            resources: resourcesOf({
              requests: { cpu: '50m', memory: '64Mi' },
              limits: { cpu: '500m', memory: '128Mi' },
            }),
            volumeMounts: [{ name: 'config', mountPath: '/etc/proxy', readOnly: true }],
          }),
        ],
        volumes: [config.volume()],
      }),
    });
    new WorkloadService(workload, 'service', {
      ports: [
        { name: 'tcp-redis', port: STORE_PORTS.redis },
        { name: 'http-metrics', port: 8404 },
      ],
    });
    new DisruptionBudget(workload, 'budget');
    new Monitor(workload, 'monitor');
  }
}

const MOUNTS: k8s.VolumeMount[] = [
  { name: 'data', mountPath: '/data' },
  { name: 'config', mountPath: '/etc/redis', readOnly: true },
  { name: 'tmp', mountPath: '/tmp' },
];

function server(redis: Redis, secret: SecretFromStore, command: string[]): k8s.Container {
  return restrictedContainer({
    name: 'redis',
    image: redis.image,
    imagePullPolicy: 'IfNotPresent',
    command,
    ports: [{ name: 'tcp-redis', containerPort: STORE_PORTS.redis }],
    env: secret.variables(),
    // A replica that follows is ready as well: whom to ask is the proxy's to say.
    ...probes({ check: { exec: ['sh', '-c', 'REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli ping | grep -q PONG'] } }),
    resources: resourcesOf(redis),
    volumeMounts: MOUNTS,
  });
}

function exporter({ exporter: image }: Redis, secret: SecretFromStore): k8s.Container {
  return restrictedContainer({
    name: 'metrics',
    image,
    imagePullPolicy: 'IfNotPresent',
    ports: [{ name: 'http-metrics', containerPort: 9121 }],
    env: [{ name: 'REDIS_ADDR', value: 'redis://localhost:6379' }, ...secret.variables()],
    ...probes({ check: { http: 'http-metrics', live: '/health' } }),
    resources: resourcesOf(EXPORTER_SIZE),
  });
}

function scratch(): k8s.Volume {
  return { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('64Mi') } };
}

/** Never two on one node: one node lost must leave a majority. */
function apart(name: string): k8s.Affinity {
  return {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        {
          topologyKey: 'kubernetes.io/hostname',
          labelSelector: { matchLabels: { 'app.kubernetes.io/name': name } },
        },
      ],
    },
  };
}

/** Three quarters of the limit: the rest is for copies while it saves. */
function mostMemory({ limits }: Redis): string {
  const [, amount = '0', unit = 'Mi'] = /^(\d+)([MG]i)$/.exec(limits['memory'] ?? '') ?? [];
  return `${Math.floor(Number(amount) * (unit === 'Gi' ? 1024 : 1) * 0.75)}mb`;
}
