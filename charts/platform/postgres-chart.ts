import type { Construct } from 'constructs';
import { k8s } from 'cdk8s-plus-30';
import { Claim } from '../constructs/claim.js';
import { CustomResource } from '../constructs/custom-resource.js';
import { DisruptionBudget } from '../constructs/disruption-budget.js';
import { labelsOf, NAME_LABEL } from '../constructs/labels.js';
import { Monitor } from '../constructs/monitor.js';
import { probes } from '../constructs/probes.js';
import { restrictedContainer, restrictedPod, runningAs } from '../constructs/restricted.js';
import { SecretFromStore } from '../constructs/secret-from-store.js';
import { StatefulWorkload } from '../constructs/stateful-workload.js';
import { WorkloadService } from '../constructs/workload-service.js';
import { resourcesOf } from './app-workload.js';
import { SECRET_STORE } from './cluster-chart.js';
import { POSTGRES_CLUSTER_PODS } from './endpoints.js';
import { PartChart } from './part-chart.js';
import { placed } from './placement.js';
import type { Platform } from './platform.js';
import { partLabels } from './platform.js';
import type { Postgres } from './stores.js';
import { STORE_PORTS } from './stores.js';

const NAME = 'postgres';
/** User of the official image. */
const POSTGRES_USER = 999;
const DATA = '/var/lib/postgresql/data';

/** PostgreSQL, always `postgres.postgres:5432`: one Pod, a cluster of CloudNativePG, or Amazon RDS. */
export class PostgresChart extends PartChart {
  constructor(scope: Construct, id: string, { platform }: { readonly platform: Platform }) {
    super(scope, id, { platform, namespace: NAME, tier: 'data' });
    const { postgres } = platform;
    new SecretFromStore(this, 'postgres-owner', {
      store: SECRET_STORE,
      path: `${platform.secretPath}/postgres`,
      keys: ['username', 'password'],
      type: 'kubernetes.io/basic-auth',
    });
    if (postgres.kind === 'single') single(this, platform, postgres);
    if (postgres.kind === 'ha') highlyAvailable(this, platform, postgres);
    if (postgres.kind === 'rds') external(this, postgres.endpoint);
  }
}

/** One Pod with one claim, by the names that the runbooks use: `postgres-0` and `postgres-data`. */
function single(chart: PartChart, platform: Platform, postgres: Extract<Postgres, { kind: 'single' }>): void {
  const claim = { name: 'postgres-data', size: postgres.storage, storageClass: platform.storageClass };
  new Claim(chart, claim.name, claim);
  const owner = (name: string, key: string): k8s.EnvVar => ({
    name,
    valueFrom: { secretKeyRef: { name: 'postgres-owner', key } },
  });
  const workload = new StatefulWorkload(chart, NAME, {
    replicas: 1,
    claims: [],
    pod: restrictedPod({
      ...placed(platform, 'data'),
      securityContext: runningAs(POSTGRES_USER),
      terminationGracePeriodSeconds: 120,
      containers: [
        restrictedContainer({
          name: 'postgres',
          image: postgres.image,
          imagePullPolicy: 'IfNotPresent',
          ports: [{ name: 'tcp-postgres', containerPort: STORE_PORTS.postgres }],
          env: [
            { name: 'PGDATA', value: `${DATA}/pgdata` },
            { name: 'POSTGRES_DB', value: 'eco2' },
            owner('POSTGRES_USER', 'username'),
            owner('POSTGRES_PASSWORD', 'password'),
          ],
          ...probes({
            check: {
              exec: ['sh', '-c', 'exec pg_isready --quiet --username "$POSTGRES_USER" --dbname "$POSTGRES_DB"'],
            },
            startSeconds: 120,
          }),
          resources: resourcesOf(postgres),
          volumeMounts: [
            { name: 'data', mountPath: DATA },
            { name: 'run', mountPath: '/var/run/postgresql' },
            { name: 'tmp', mountPath: '/tmp' },
          ],
        }),
        restrictedContainer({
          name: 'metrics',
          image: 'quay.io/prometheuscommunity/postgres-exporter:v0.17.1',
          imagePullPolicy: 'IfNotPresent',
          ports: [{ name: 'http-metrics', containerPort: 9187 }],
          env: [
            { name: 'DATA_SOURCE_URI', value: 'localhost:5432/eco2?sslmode=disable' },
            owner('DATA_SOURCE_USER', 'username'),
            owner('DATA_SOURCE_PASS', 'password'),
          ],
          ...probes({ check: { http: 'http-metrics', live: '/' } }),
          resources: resourcesOf(EXPORTER_SIZE),
        }),
      ],
      volumes: [
        { name: 'data', persistentVolumeClaim: { claimName: claim.name } },
        { name: 'run', emptyDir: { sizeLimit: k8s.Quantity.fromString('16Mi') } },
        { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('128Mi') } },
      ],
    }),
  });
  new WorkloadService(workload, 'service', {
    ports: [
      { name: 'tcp-postgres', port: STORE_PORTS.postgres },
      { name: 'http-metrics', port: 9187 },
    ],
  });
  new DisruptionBudget(workload, 'budget');
  new Monitor(workload, 'monitor');
}

/** What an exporter beside a store needs. */
export const EXPORTER_SIZE = {
  requests: { cpu: '10m', memory: '32Mi' },
  limits: { cpu: '100m', memory: '64Mi' },
} as const;

/** The operator keeps one primary and moves the label that the Service selects by when another takes over. */
function highlyAvailable(chart: PartChart, platform: Platform, postgres: Extract<Postgres, { kind: 'ha' }>): void {
  const labels = partLabels(platform, 'data', NAME);
  const { nodeSelector, tolerations } = placed(platform, 'data');
  new CustomResource(chart, 'cluster', 'Cluster', {
    metadata: { name: NAME, labels: labelsOf(chart, NAME) },
    spec: {
      instances: postgres.instances,
      imageName: postgres.image,
      primaryUpdateStrategy: 'unsupervised',
      // At least one standby has what the primary has confirmed; with none left the primary goes on.
      postgresql: { synchronous: { method: 'any', number: 1, dataDurability: 'preferred' } },
      bootstrap: { initdb: { database: 'eco2', owner: 'eco2', secret: { name: 'postgres-owner' } } },
      storage: { storageClass: platform.storageClass, size: postgres.storage },
      resources: { requests: { ...postgres.requests }, limits: { ...postgres.limits } },
      affinity: {
        nodeSelector,
        tolerations,
        enablePodAntiAffinity: true,
        podAntiAffinityType: 'required',
        topologyKey: 'kubernetes.io/hostname',
      },
      inheritedMetadata: { labels },
      enablePDB: true,
    },
  });
  new k8s.KubeService(chart, 'service', {
    metadata: { name: NAME, labels: labelsOf(chart, NAME) },
    spec: {
      type: 'ClusterIP',
      selector: { ...POSTGRES_CLUSTER_PODS.labels, 'cnpg.io/instanceRole': 'primary' },
      ports: [
        {
          name: 'tcp-postgres',
          port: STORE_PORTS.postgres,
          protocol: 'TCP',
          targetPort: k8s.IntOrString.fromString('postgresql'),
        },
      ],
    },
  });
  new CustomResource(chart, 'monitor', 'PodMonitor', {
    metadata: { name: NAME, labels: labelsOf(chart, NAME) },
    spec: {
      selector: { matchLabels: { ...POSTGRES_CLUSTER_PODS.labels } },
      podTargetLabels: ['tier', 'domain', 'environment'],
      podMetricsEndpoints: [{ port: 'metrics', interval: '30s' }],
    },
  });
}

/** Another name of the database's endpoint, so that nobody needs to know where it is. */
function external(chart: PartChart, endpoint: string): void {
  new k8s.KubeService(chart, 'service', {
    metadata: { name: NAME, labels: { ...labelsOf(chart, NAME), [NAME_LABEL]: NAME } },
    spec: {
      type: 'ExternalName',
      externalName: endpoint,
      ports: [{ name: 'tcp-postgres', port: STORE_PORTS.postgres }],
    },
  });
}
