import { ECO2_PLACEHOLDERS } from '../placeholders.js';
import type { Platform } from '../../platform/platform.js';
import type { Figures } from './apps.js';
import { appsWith } from './apps.js';
import { eco2Cluster } from './cluster.js';
import type { MachinePool } from './machines.js';
import { eco2Machines } from './machines.js';
import type { OperatorsProps } from './operators.js';
import { clusterAutoscaler, operators } from './operators.js';

const { prod, domain, registry, repository, certificate } = ECO2_PLACEHOLDERS;
const REGION = 'ap-northeast-2';
const STORAGE_CLASS = 'gp3';

/** Eight nodes: the control plane, three that serve, three that keep – one for each of three copies – and one for operators. */
const POOLS: readonly MachinePool[] = [
  { name: 'control-plane', size: 'xlarge', machines: { 'k8s-master': `${prod.subnet}.130` } },
  {
    name: 'app',
    workloadType: 'api',
    size: '2xlarge',
    machines: {
      'k8s-worker-1': `${prod.subnet}.131`,
      'k8s-worker-2': `${prod.subnet}.132`,
      'k8s-worker-3': `${prod.subnet}.133`,
    },
  },
  {
    name: 'data',
    workloadType: 'data',
    size: '2xlarge',
    machines: {
      'k8s-storage-1': `${prod.subnet}.141`,
      'k8s-storage-2': `${prod.subnet}.142`,
      'k8s-storage-3': `${prod.subnet}.143`,
    },
  },
  { name: 'platform', workloadType: 'platform', size: '2xlarge', machines: { 'k8s-platform-1': `${prod.subnet}.151` } },
];

/** Prod's machines. */
export const ECO2_PROD_MACHINES = eco2Machines({ environment: 'prod', ...prod, pools: POOLS });

const CLUSTER = eco2Cluster(ECO2_PROD_MACHINES);

/** High, as the seed's table asks. */
const HIGH = {
  requests: { cpu: '250m', memory: '384Mi', 'ephemeral-storage': '128Mi' },
  limits: { cpu: '1', memory: '1Gi', 'ephemeral-storage': '512Mi' },
} as const;
const WORKER = {
  requests: { cpu: '500m', memory: '768Mi', 'ephemeral-storage': '128Mi' },
  limits: { cpu: '2', memory: '2Gi', 'ephemeral-storage': '1Gi' },
} as const;
/** Two or three Pods, and twice as many when they are busy. */
const TWO = { min: 2, max: 4 } as const;
const THREE = { min: 3, max: 6 } as const;

const FIGURES: Figures = {
  'auth-api': { ...HIGH, image: `${registry}/auth-api:1.4.0`, scale: THREE },
  'my-api': { ...HIGH, image: `${registry}/my-api:1.2.0`, scale: TWO },
  'scan-api': { ...HIGH, image: `${registry}/scan-api:1.6.0`, scale: TWO },
  'character-api': { ...HIGH, image: `${registry}/character-api:1.3.0`, scale: TWO },
  'location-api': { ...HIGH, image: `${registry}/location-api:1.1.0`, scale: TWO },
  'image-api': { ...HIGH, image: `${registry}/image-api:1.2.0`, scale: TWO },
  'chat-api': {
    ...HIGH,
    image: `${registry}/chat-api:1.8.0`,
    scale: THREE,
    canary: { image: `${registry}/chat-api:2.0.0`, weight: 10 },
  },
  'chat-worker': { ...WORKER, image: `${registry}/chat-worker:1.8.0`, scale: { replicas: 3 }, vertical: 'Initial' },
  'scan-worker': { ...WORKER, image: `${registry}/scan-worker:1.6.0`, scale: { replicas: 2 }, vertical: 'Initial' },
  'character-worker': {
    ...WORKER,
    image: `${registry}/character-worker:1.3.0`,
    scale: { replicas: 2 },
    vertical: 'Initial',
  },
  'event-router': { ...HIGH, image: `${registry}/event-router:1.0.0`, scale: { replicas: 2 }, vertical: 'Initial' },
  'sse-gateway': { ...HIGH, image: `${registry}/sse-gateway:1.0.0`, scale: TWO },
};

const PLACEMENT = {
  'business-logic': 'app',
  worker: 'app',
  integration: 'app',
  data: 'data',
  observability: 'data',
  infrastructure: 'platform',
} as const;

const ON_PLATFORM = {
  nodeSelector: { 'node-pool': 'platform' },
  tolerations: [{ key: 'workload-type', operator: 'Equal', value: 'platform', effect: 'NoSchedule' }],
} as const;
const ON_DATA = {
  nodeSelector: { 'node-pool': 'data' },
  tolerations: [{ key: 'workload-type', operator: 'Equal', value: 'data', effect: 'NoSchedule' }],
} as const;

const OPERATORS: OperatorsProps = {
  platform: ON_PLATFORM,
  observability: ON_DATA,
  region: REGION,
  clusterName: 'eco2-prod',
  replicas: 2,
  podCidr: CLUSTER.network.podCidrs[0] ?? '',
};

/** Production: copies of every store, load decides how many Pods, only declared flows, and a tag that somebody chose is applied when somebody says so. */
export const ECO2_PROD: Platform = {
  cluster: CLUSTER,
  partOf: 'ecoeco-backend',
  provider: { name: 'aws', region: REGION },
  host: `api.${domain}`,
  certificate,
  pools: POOLS,
  placement: PLACEMENT,
  apps: appsWith(FIGURES),
  postgres: {
    kind: 'ha',
    instances: 3,
    image: 'ghcr.io/cloudnative-pg/postgresql:17.6',
    requests: { cpu: '1', memory: '2Gi' },
    limits: { cpu: '2', memory: '4Gi' },
    storage: '100Gi',
  },
  redis: {
    kind: 'sentinel',
    replicas: 3,
    quorum: 2,
    image: 'docker.io/library/redis:8.2.1',
    exporter: 'docker.io/oliver006/redis_exporter:v1.74.0',
    proxy: { image: 'docker.io/library/haproxy:3.2.4', replicas: 2 },
    requests: { cpu: '250m', memory: '1Gi' },
    limits: { cpu: '1', memory: '2Gi' },
    storage: '20Gi',
  },
  rabbitmq: {
    image: 'docker.io/library/rabbitmq:4.1.3-management',
    replicas: 3,
    requests: { cpu: '500m', memory: '1Gi' },
    limits: { cpu: '2', memory: '2Gi' },
    storage: '20Gi',
  },
  observability: {
    prometheus: {
      image: 'quay.io/prometheus/prometheus:v3.5.0',
      replicas: 2,
      retention: '30d',
      requests: { cpu: '500m', memory: '3Gi' },
      limits: { cpu: '2', memory: '6Gi' },
      storage: '100Gi',
    },
    alertmanager: {
      image: 'quay.io/prometheus/alertmanager:v0.28.1',
      replicas: 3,
      requests: { cpu: '50m', memory: '64Mi' },
      limits: { cpu: '200m', memory: '128Mi' },
      storage: '1Gi',
    },
    elasticsearch: {
      image: 'docker.elastic.co/elasticsearch/elasticsearch:9.1.3',
      heap: '2g',
      requests: { cpu: '500m', memory: '4Gi' },
      limits: { cpu: '2', memory: '4Gi' },
      storage: '200Gi',
    },
    fluentBit: {
      image: 'cr.fluentbit.io/fluent/fluent-bit:4.0.8',
      requests: { cpu: '100m', memory: '96Mi' },
      limits: { cpu: '500m', memory: '256Mi' },
    },
  },
  namespaces: [
    {
      name: 'postgres',
      tier: 'data',
      quota: {
        pods: '5',
        'requests.cpu': '4500m',
        'requests.memory': '9Gi',
        'limits.memory': '20Gi',
        'requests.storage': '500Gi',
      },
    },
    {
      name: 'redis',
      tier: 'data',
      quota: {
        pods: '6',
        'requests.cpu': '1200m',
        'requests.memory': '4Gi',
        'limits.memory': '10Gi',
        'requests.storage': '80Gi',
      },
    },
    {
      name: 'rabbitmq',
      tier: 'integration',
      quota: {
        pods: '4',
        'requests.cpu': '2',
        'requests.memory': '4Gi',
        'limits.memory': '8Gi',
        'requests.storage': '80Gi',
      },
    },
    {
      name: 'prometheus',
      tier: 'observability',
      quota: {
        pods: '6',
        'requests.cpu': '1500m',
        'requests.memory': '7Gi',
        'limits.memory': '14Gi',
        'requests.storage': '250Gi',
      },
    },
    {
      name: 'grafana',
      tier: 'observability',
      podSecurity: 'baseline',
      quota: { pods: '2', 'requests.cpu': '200m', 'requests.memory': '512Mi', 'limits.memory': '2Gi' },
    },
    {
      name: 'logging',
      tier: 'observability',
      podSecurity: 'privileged',
      quota: {
        pods: '12',
        'requests.cpu': '1600m',
        'requests.memory': '5632Mi',
        'limits.memory': '8Gi',
        'requests.storage': '250Gi',
      },
    },
    {
      name: 'platform-system',
      tier: 'infrastructure',
      podSecurity: 'baseline',
      quota: { pods: '20', 'requests.cpu': '1', 'requests.memory': '2Gi', 'limits.memory': '6Gi' },
    },
    {
      name: 'data-system',
      tier: 'infrastructure',
      podSecurity: 'baseline',
      quota: { pods: '4', 'requests.cpu': '300m', 'requests.memory': '512Mi', 'limits.memory': '2Gi' },
    },
    {
      name: 'messaging-system',
      tier: 'infrastructure',
      podSecurity: 'baseline',
      quota: { pods: '2', 'requests.cpu': '400m', 'requests.memory': '1Gi', 'limits.memory': '1Gi' },
    },
    {
      name: 'argocd',
      tier: 'infrastructure',
      podSecurity: 'baseline',
      quota: { pods: '16', 'requests.cpu': '1500m', 'requests.memory': '3Gi', 'limits.memory': '12Gi' },
    },
    {
      name: 'istio-system',
      tier: 'infrastructure',
      podSecurity: 'baseline',
      quota: { pods: '16', 'requests.cpu': '2', 'requests.memory': '4Gi', 'limits.memory': '16Gi' },
    },
  ],
  storageClass: STORAGE_CLASS,
  networkPolicy: 'strict',
  sidecar: { requests: { cpu: '50m', memory: '96Mi' }, limits: { cpu: '1', memory: '512Mi' } },
  limits: {
    defaultRequest: { cpu: '50m', memory: '64Mi' },
    default: { cpu: '500m', memory: '256Mi' },
    max: { cpu: '4', memory: '8Gi' },
    maxClaim: '200Gi',
  },
  secretPath: 'eco2/prod',
  delivery: { repository, revision: 'v0.1.0', sync: 'manual', destination: 'https://kubernetes.default.svc' },
  applications: [...operators(OPERATORS), clusterAutoscaler(OPERATORS)],
};
