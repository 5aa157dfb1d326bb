import type { Landscape as Landscapes, ReadKinds } from '../../charts/invariants/landscape.js';
import { Landscape } from '../../charts/invariants/landscape.js';
import type { Manifest } from '../../charts/invariants/manifest.js';
import { violations } from '../../charts/invariants/rule.js';
import { PLATFORM_RULES, RULES } from '../../charts/invariants/rules.js';
import { patched } from '../charts/patched.js';
import { one } from './one-object.js';
import { BOTH, PROD } from './rendered-eco2.js';

/** What is broken in prod: an object by `Kind/namespace/name`, what is put where, and what the rule then says. */
type Case = readonly [rule: string, object: string, path: string, value: unknown, says: string];

const ROUTE = 'spec.http.0.route';
const POD = 'spec.template.spec';

const CASES: readonly Case[] = [
  [
    'route-leads-somewhere',
    'VirtualService/chat/chat-vs',
    'spec.gateways.0',
    'istio-system/other',
    'gateway "istio-system/other"',
  ],
  [
    'route-leads-somewhere',
    'VirtualService/chat/chat-vs',
    `${ROUTE}.0.destination.host`,
    'chat.chat.svc.cluster.local',
    'is no Service',
  ],
  ['route-leads-somewhere', 'VirtualService/chat/chat-vs', `${ROUTE}.0.destination.port.number`, 80, 'has no port 80'],
  [
    'route-leads-somewhere',
    'VirtualService/chat/chat-vs',
    `${ROUTE}.0.destination.subset`,
    'v3',
    'no DestinationRule has subset "v3"',
  ],
  ['route-shares', 'VirtualService/chat/chat-vs', `${ROUTE}.0.weight`, 80, 'weights make 90, want 100'],
  [
    'share-has-pods',
    'DestinationRule/chat/chat-dr',
    'spec.subsets.1.labels.version',
    'v3',
    '10 % go to "v2", and no Pod template',
  ],
  ['share-has-pods', 'Deployment/chat/chat-api-v2', 'spec.template.metadata.labels.version', 'v9', '10 % go to "v2"'],
  [
    'share-has-one-owner',
    'VirtualService/location/location-vs',
    `${ROUTE}.0.weight`,
    90,
    'a Rollout owns it: want 100',
  ],
  [
    'share-has-one-owner',
    'Application/argocd/eco2-prod',
    'spec.ignoreDifferences',
    [],
    'no Application leaves the weights',
  ],
  ['share-has-one-owner', 'VirtualService/location/location-vs', 'spec.http.1.name', 'other', 'has no route "grpc"'],
  [
    'route-is-alone',
    'VirtualService/my/my-vs',
    'spec.http.0.match.0.uri.prefix',
    '/api/v1/chat',
    'another VirtualService has',
  ],
  ['port-says-protocol', 'Service/chat/chat-api', 'spec.ports.0.name', 'api', 'the mesh tells protocols by names'],
  [
    'scrape-target-is-reachable',
    'ServiceMonitor/chat/chat-api',
    'spec.endpoints.0.port',
    'http',
    'wants a certificate of the mesh',
  ],
  ['scrape-target-is-reachable', 'ServiceMonitor/chat/chat-api', 'spec.endpoints.0.port', 'metrics', 'selects nothing'],
  [
    'scrape-target-is-reachable',
    'PodMonitor/rabbitmq/rabbitmq',
    'spec.podMetricsEndpoints.0.port',
    'metrics',
    'has no port "metrics"',
  ],
  [
    'scrape-target-is-reachable',
    'NetworkPolicy/chat/chat-worker',
    'spec.ingress',
    [],
    'no NetworkPolicy lets Prometheus reach chat-worker:9090',
  ],
  [
    'scrape-target-is-reachable',
    'NetworkPolicy/prometheus/prometheus',
    'spec.egress',
    [],
    'no NetworkPolicy lets Prometheus',
  ],
  [
    'pods-fit-nodes',
    'Deployment/auth/auth-api',
    `${POD}.nodeSelector.node-pool`,
    'gpu',
    'no node has labels [node-pool=gpu]',
  ],
  [
    'pods-fit-nodes',
    'Deployment/auth/auth-api',
    `${POD}.tolerations.0.value`,
    'web',
    'and no taint but [workload-type=web]',
  ],
  ['pods-fit-nodes', 'Deployment/auth/auth-api', `${POD}.containers.0.resources.requests.memory`, '40Gi', 'are full'],
  ['pods-fit-nodes', 'Cluster/postgres/postgres', 'spec.instances', 4, '1 of its Pods find no node'],
  ['service-finds-one-workload', 'Service/postgres/postgres', 'spec.selector.role', 'primary', 'finds 0 workloads'],
  ['autoscaled-has-no-replicas', 'Rollout/scan/scan-api', 'spec.replicas', 2, 'fights its HorizontalPodAutoscaler'],
  ['reference-exists', 'Rollout/scan/scan-api', 'spec.strategy.blueGreen.previewService', 'ghost', 'Service "ghost"'],
  [
    'reference-exists',
    'ExternalSecret/chat/chat-secret',
    'spec.secretStoreRef.name',
    'vault',
    'ClusterSecretStore "vault"',
  ],
  ['reference-exists', 'ExternalSecret/chat/chat-secret', 'spec.target.name', 'other', 'Secret "chat-secret"'],
  ['rollout-fits-quota', 'Deployment/chat/chat-worker', 'spec.replicas', 30, 'and the namespace'],
];

function broken(object: string, path: string, value: unknown): Landscapes {
  const [kind = '', namespace, name = ''] = object.split('/');
  const found: Manifest = one(PROD, kind as keyof ReadKinds, namespace, name);
  const manifests = PROD.manifests.map((manifest) => (manifest === found ? patched(manifest, path, value) : manifest));
  return new Landscape(PROD.cluster, manifests, false);
}

function told(rule: string, landscape: Landscapes): readonly string[] {
  return violations(landscape, RULES).filter((line) => line.includes(`: ${rule}: `));
}

test.each(CASES)('a broken platform breaks the rule %s: %s %s', (rule, object, path, value, says) => {
  expect(told(rule, broken(object, path, value))).toContainEqual(expect.stringContaining(says));
});

test('two autoscalers of one workload break the rule one-autoscaler', () => {
  const both = one(PROD, 'VerticalPodAutoscaler', 'chat', 'chat-worker');
  const scaler = patched(patched(both, 'metadata.name', 'auth-api'), 'metadata.namespace', 'auth');
  const manifests = [...PROD.manifests, patched(scaler, 'spec.targetRef.name', 'auth-api')];
  expect(told('one-autoscaler', new Landscape(PROD.cluster, manifests, false))).toHaveLength(1);
});

test('every rule for platforms can be broken, and none is broken by what is rendered', () => {
  const covered = new Set([...CASES.map(([rule]) => rule), 'one-autoscaler']);
  expect(PLATFORM_RULES.map(({ name }) => name).filter((name) => !covered.has(name))).toEqual([]);
  for (const [, landscape] of BOTH) expect(violations(landscape, RULES)).toEqual([]);
});
