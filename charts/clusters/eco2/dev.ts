import { ECO2_PLACEHOLDERS } from '../placeholders.js';
import type { Platform } from '../../platform/platform.js';
import type { Figures } from './apps.js';
import { appsWith } from './apps.js';
import { eco2Cluster } from './cluster.js';
import type { MachinePool } from './machines.js';
import { eco2Machines } from './machines.js';
import { operators } from './operators.js';

const { dev, domain, registry, repository, certificate } = ECO2_PLACEHOLDERS;
const REGION = 'ap-northeast-2';
const STORAGE_CLASS = 'gp3';

/** Three nodes: the control plane, one for everything that serves, one for everything that keeps. */
const POOLS: readonly MachinePool[] = [
  { name: 'control-plane', size: 'large', machines: { 'k8s-master': `${dev.subnet}.10` } },
  { name: 'app', workloadType: 'api', size: '2xlarge', machines: { 'k8s-worker-1': `${dev.subnet}.11` } },
  { name: 'data', workloadType: 'data', size: 'xlarge', machines: { 'k8s-storage': `${dev.subnet}.21` } },
];

/** Dev's machines. */
export const ECO2_DEV_MACHINES = eco2Machines({ environment: 'dev', ...dev, pools: POOLS });

const CLUSTER = eco2Cluster(ECO2_DEV_MACHINES);

/** Low, as the seed's table asks. */
const LOW = {
  requests: { cpu: '50m', memory: '128Mi', 'ephemeral-storage': '64Mi' },
  limits: { cpu: '500m', memory: '384Mi', 'ephemeral-storage': '256Mi' },
} as const;
const WORKER = {
  requests: { cpu: '100m', memory: '256Mi', 'ephemeral-storage': '64Mi' },
  limits: { cpu: '1', memory: '768Mi', 'ephemeral-storage': '512Mi' },
} as const;
const ONE = { replicas: 1 } as const;

const FIGURES: Figures = {
  'auth-api': { ...LOW, image: `${registry}/auth-api:1.4.0`, scale: ONE },
  'my-api': { ...LOW, image: `${registry}/my-api:1.2.0`, scale: ONE },
  'scan-api': { ...LOW, image: `${registry}/scan-api:1.6.0`, scale: ONE },
  'character-api': { ...LOW, image: `${registry}/character-api:1.3.0`, scale: ONE },
  'location-api': { ...LOW, image: `${registry}/location-api:1.1.0`, scale: ONE },
  'image-api': { ...LOW, image: `${registry}/image-api:1.2.0`, scale: ONE },
  'chat-api': {
    ...LOW,
    image: `${registry}/chat-api:1.8.0`,
    scale: ONE,
    canary: { image: `${registry}/chat-api:2.0.0`, weight: 10 },
  },
  'chat-worker': { ...WORKER, image: `${registry}/chat-worker:1.8.0`, scale: ONE, vertical: 'Off' },
  'scan-worker': { ...WORKER, image: `${registry}/scan-worker:1.6.0`, scale: ONE, vertical: 'Off' },
  'character-worker': { ...WORKER, image: `${registry}/character-worker:1.3.0`, scale: ONE, vertical: 'Off' },
  'event-router': { ...LOW, image: `${registry}/event-router:1.0.0`, scale: ONE, vertical: 'Off' },
  'sse-gateway': { ...LOW, image: `${registry}/sse-gateway:1.0.0`, scale: ONE, vertical: 'Off' },
};

const PLACEMENT = {
  'business-logic': 'app',
  worker: 'app',
  integration: 'app',
  data: 'data',
  observability: 'data',
  infrastructure: 'app',
} as const;

const ON_APP = {
  nodeSelector: { 'node-pool': 'app' },
  tolerations: [{ key: 'workload-type', operator: 'Equal', value: 'api', effect: 'NoSchedule' }],
} as const;
const ON_DATA = {
  nodeSelector: { 'node-pool': 'data' },
  tolerations: [{ key: 'workload-type', operator: 'Equal', value: 'data', effect: 'NoSchedule' }],
} as const;

/** Development: single stores, one Pod of each, nothing scales, everything may talk, and what `develop` says is applied at once. */
export const ECO2_DEV: Platform = {
  cluster: CLUSTER,
  partOf: 'ecoeco-backend',
  provider: { name: 'aws', region: REGION },
  host: `api.dev.${domain}`,
  certificate,
  pools: POOLS,
  placement: PLACEMENT,
  apps: appsWith(FIGURES),
  postgres: {
    kind: 'single',
    image: 'docker.io/library/postgres:17.6',
    requests: { cpu: '250m', memory: '512Mi' },
    limits: { cpu: '1', memory: '1Gi' },
    storage: '10Gi',
  },
  redis: {
    kind: 'single',
    image: 'docker.io/library/redis:8.2.1',
    exporter: 'docker.io/oliver006/redis_exporter:v1.74.0',
    requests: { cpu: '100m', memory: '256Mi' },
    limits: { cpu: '500m', memory: '512Mi' },
    storage: '5Gi',
  },
  rabbitmq: {
    image: 'docker.io/library/rabbitmq:4.1.3-management',
    replicas: 1,
    requests: { cpu: '200m', memory: '512Mi' },
    limits: { cpu: '1', memory: '1Gi' },
    storage: '5Gi',
  },
  observability: {
    prometheus: {
      image: 'quay.io/prometheus/prometheus:v3.5.0',
      replicas: 1,
      retention: '7d',
      requests: { cpu: '200m', memory: '1Gi' },
      limits: { cpu: '1', memory: '2Gi' },
      storage: '20Gi',
    },
    alertmanager: {
      image: 'quay.io/prometheus/alertmanager:v0.28.1',
      replicas: 1,
      requests: { cpu: '25m', memory: '64Mi' },
      limits: { cpu: '100m', memory: '128Mi' },
      storage: '1Gi',
    },
    elasticsearch: {
      image: 'docker.elastic.co/elasticsearch/elasticsearch:9.1.3',
      heap: '1g',
      requests: { cpu: '250m', memory: '2Gi' },
      limits: { cpu: '1', memory: '2Gi' },
      storage: '20Gi',
    },
    fluentBit: {
      image: 'cr.fluentbit.io/fluent/fluent-bit:4.0.8',
      requests: { cpu: '50m', memory: '64Mi' },
      limits: { cpu: '200m', memory: '128Mi' },
    },
  },
  namespaces: [
    {
      name: 'postgres',
      tier: 'data',
      quota: {
        pods: '2',
        'requests.cpu': '600m',
        'requests.memory': '1200Mi',
        'limits.memory': '3Gi',
        'requests.storage': '20Gi',
      },
    },
    {
      name: 'redis',
      tier: 'data',
      quota: {
        pods: '2',
        'requests.cpu': '300m',
        'requests.memory': '640Mi',
        'limits.memory': '2Gi',
        'requests.storage': '10Gi',
      },
    },
    {
      name: 'rabbitmq',
      tier: 'integration',
      quota: {
        pods: '2',
        'requests.cpu': '500m',
        'requests.memory': '1200Mi',
        'limits.memory': '3Gi',
        'requests.storage': '10Gi',
      },
    },
    {
      name: 'prometheus',
      tier: 'observability',
      quota: {
        pods: '4',
        'requests.cpu': '500m',
        'requests.memory': '2Gi',
        'limits.memory': '5Gi',
        'requests.storage': '45Gi',
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
        pods: '6',
        'requests.cpu': '500m',
        'requests.memory': '2560Mi',
        'limits.memory': '4Gi',
        'requests.storage': '40Gi',
      },
    },
    {
      name: 'platform-system',
      tier: 'infrastructure',
      podSecurity: 'baseline',
      quota: { pods: '12', 'requests.cpu': '600m', 'requests.memory': '1200Mi', 'limits.memory': '4Gi' },
    },
    {
      name: 'data-system',
      tier: 'infrastructure',
      podSecurity: 'baseline',
      quota: { pods: '2', 'requests.cpu': '200m', 'requests.memory': '256Mi', 'limits.memory': '1Gi' },
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
      quota: { pods: '12', 'requests.cpu': '800m', 'requests.memory': '1536Mi', 'limits.memory': '6Gi' },
    },
    {
      name: 'istio-system',
      tier: 'infrastructure',
      podSecurity: 'baseline',
      quota: { pods: '8', 'requests.cpu': '600m', 'requests.memory': '1Gi', 'limits.memory': '6Gi' },
    },
  ],
  storageClass: STORAGE_CLASS,
  networkPolicy: 'loose',
  sidecar: { requests: { cpu: '20m', memory: '64Mi' }, limits: { cpu: '500m', memory: '256Mi' } },
  limits: {
    defaultRequest: { cpu: '50m', memory: '64Mi' },
    default: { cpu: '500m', memory: '256Mi' },
    max: { cpu: '2', memory: '4Gi' },
    maxClaim: '20Gi',
  },
  secretPath: 'eco2/dev',
  delivery: { repository, revision: 'develop', sync: 'automated', destination: 'https://kubernetes.default.svc' },
  applications: operators({
    platform: ON_APP,
    observability: ON_DATA,
    region: REGION,
    clusterName: 'eco2-dev',
    replicas: 1,
    podCidr: CLUSTER.network.podCidrs[0] ?? '',
  }),
};
