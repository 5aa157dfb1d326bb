import { Landscape } from '../../charts/invariants/landscape.js';
import type { Manifest } from '../../charts/invariants/manifest.js';
import { violations } from '../../charts/invariants/rule.js';
import { COMMON_RULES, RULES } from '../../charts/invariants/rules.js';
import { patched } from './patched.js';
import { renderedK3s } from './rendered-k3s.js';

const WHOLE = renderedK3s();
const TERMINAL = 'claudecode-terminal';
const BRIDGE = 'Deployment/web-terminal-service';
const CONTAINER = 'spec.template.spec.containers.0';
const GPU_CONTAINER = 'template.spec.containers.0';

/** What is broken: an object by `Kind/name`, what is put where, and what the rule then says. */
type Case = readonly [rule: string, object: string, path: string, value: unknown, says: string];

const CASES: readonly Case[] = [
  ['built-in-kinds', BRIDGE, 'apiVersion', 'monitoring.coreos.com/v1', 'needs a CRD'],
  ['part-of-label', 'Role/web-terminal-service', 'metadata.labels', undefined, 'metadata.labels lacks'],
  ['part-of-label', 'PodTemplate/small', 'template.metadata.labels', {}, "the Pod template's labels lack"],
  ['plain-name', 'Service/papers-backend', 'metadata.name', 'papers-backend-c81a2b3c', 'made from a hash'],
  ['plain-name', 'Service/papers-backend', 'metadata.name', 'papers_backend', 'want at most 63'],
  ['unique', 'PodTemplate/large', 'metadata.name', 'small', 'there are two of this name'],
  [
    'no-null',
    'PodTemplate/gpu-t4',
    `${GPU_CONTAINER}.resources.limits`,
    { gpu: null },
    'template.spec.containers.0.resources.limits.gpu is null',
  ],
  ['namespace-exists', BRIDGE, 'metadata.namespace', 'nowhere', 'namespace "nowhere" is neither'],
  ['namespace-exists', 'PriorityClass/sandbox', 'metadata.namespace', TERMINAL, 'is cluster-scoped'],
  ['reference-exists', BRIDGE, 'spec.template.spec.serviceAccountName', 'ghost', 'ServiceAccount "ghost"'],
  ['reference-exists', 'PodTemplate/small', 'template.spec.priorityClassName', 'high', 'PriorityClass "high"'],
  ['reference-exists', 'PodTemplate/gpu-t4', 'template.spec.runtimeClassName', 'kata', 'RuntimeClass "kata"'],
  ['reference-exists', 'PodTemplate/small', `${GPU_CONTAINER}.envFrom.0.secretRef.name`, 'other', 'Secret "other"'],
  ['reference-exists', BRIDGE, 'spec.template.spec.volumes.0.secret.secretName', 'other', 'Secret "other"'],
  ['reference-exists', 'RoleBinding/web-terminal-service', 'roleRef.name', 'ghost', 'Role "ghost"'],
  ['reference-exists', 'RoleBinding/web-terminal-service', 'subjects.0.namespace', 'papers-backend', 'ServiceAccount'],
  ['reference-exists', 'StatefulSet/papers-blockchain', 'spec.serviceName', 'ghost', 'Service "ghost"'],
  [
    'reference-exists',
    'Deployment/papers-backend',
    'spec.template.spec.volumes.0.persistentVolumeClaim.claimName',
    'ghost',
    'PersistentVolumeClaim "ghost"',
  ],
  [
    'reference-exists',
    'PersistentVolumeClaim/papers-backend-data',
    'spec.storageClassName',
    'gp3',
    'StorageClass "gp3"',
  ],
  ['reference-exists', 'Ingress/papers-frontend', 'spec.ingressClassName', 'nginx', 'IngressClass "nginx"'],
  ['selector-finds-own-pods', BRIDGE, 'spec.selector.matchLabels', { app: 'x' }, 'does not match its own template'],
  ['service-finds-one-workload', 'Service/papers-frontend', 'spec.selector', { app: 'x' }, 'finds 0 workloads'],
  ['service-finds-one-workload', 'Service/papers-frontend', 'spec.ports.0.targetPort', 'grpc', 'targetPort grpc'],
  ['node-port', 'Service/web-terminal-service', 'spec.ports.0.nodePort', 99999, 'want 30000 to 32767'],
  ['node-port', 'Service/papers-frontend', 'spec.ports.0.nodePort', 31000, 'is taken'],
  [
    'ingress-port',
    'Ingress/papers-frontend',
    'spec.rules.0.http.paths.0.backend.service.port',
    { number: 81 },
    'has no port 81',
  ],
  ['drain', 'PodDisruptionBudget/web-terminal-service', 'spec.maxUnavailable', 0, 'a drain never ends'],
  [
    'drain',
    'PodDisruptionBudget/web-terminal-service',
    'spec',
    { minAvailable: 2, selector: { matchLabels: { 'app.kubernetes.io/name': 'web-terminal-service' } } },
    'minAvailable 2 of 2',
  ],
  ['resources', BRIDGE, `${CONTAINER}.resources.requests`, {}, 'requests no cpu'],
  ['resources', BRIDGE, `${CONTAINER}.resources.limits.memory`, undefined, 'has no memory limit'],
  ['resources', BRIDGE, `${CONTAINER}.resources.requests.memory`, '1Ti', 'more memory than its limit'],
  ['image-pinned', BRIDGE, `${CONTAINER}.image`, 'localhost/web-terminal-service:latest', 'has image'],
  ['local-image-is-never-pulled', 'PodTemplate/small', `${GPU_CONTAINER}.imagePullPolicy`, 'Always', 'want Never'],
  ['probes', BRIDGE, `${CONTAINER}.startupProbe`, undefined, 'has no startupProbe'],
  [
    'gpu',
    'PodTemplate/gpu-t4',
    `${GPU_CONTAINER}.resources.limits`,
    { 'nvidia.com/gpu': '500m' },
    'want a whole number',
  ],
  ['gpu', 'PodTemplate/gpu-t4', 'template.spec.tolerations', [], 'tolerations lack nvidia.com/gpu'],
  ['gpu', 'PodTemplate/gpu-t4', 'template.spec.runtimeClassName', undefined, 'want nvidia'],
  ['gpu', 'PodTemplate/gpu-t4', 'template.spec.nodeSelector', undefined, 'nodeSelector lacks'],
  ['no-wildcard-rbac', 'Role/web-terminal-service', 'rules.0.verbs', ['*'], 'has a wildcard'],
  ['guarded-namespace', 'Namespace/papers-backend', 'metadata.labels', {}, 'pod-security.kubernetes.io/enforce'],
  ['guarded-namespace', 'ResourceQuota/namespace', 'metadata.namespace', 'kube-system', 'has no ResourceQuota'],
  ['guarded-namespace', 'LimitRange/limits', 'metadata.namespace', 'kube-system', 'has no LimitRange'],
  ['guarded-namespace', 'NetworkPolicy/default-deny', 'spec.egress', [{}], 'denies everything by default'],
  ['pod-security-restricted', BRIDGE, 'spec.template.spec.securityContext', {}, 'has no seccomp profile'],
  ['pod-security-restricted', BRIDGE, `${CONTAINER}.securityContext.capabilities`, {}, 'does not drop ALL'],
  ['pod-security-restricted', BRIDGE, 'spec.template.spec.hostNetwork', true, 'hostNetwork is true'],
  [
    'pod-security-restricted',
    BRIDGE,
    'spec.template.spec.volumes.2',
    { name: 'tmp', hostPath: { path: '/' } },
    'volume tmp is a hostPath',
  ],
  [
    'internet-is-nothing-nearer',
    'NetworkPolicy/claudecode-sandbox-internet',
    'spec.egress.0.to.0.ipBlock.except',
    ['10.0.0.0/8'],
    'does not except 192.0.2.0/24',
  ],
  ['fits-limit-range', 'PodTemplate/small', `${GPU_CONTAINER}.resources.limits.memory`, '1Ti', 'has memory limit 1Ti'],
  ['rollout-fits-quota', BRIDGE, 'spec.replicas', 4, 'pods = 4, and the namespace'],
  ['rollout-fits-quota', 'StatefulSet/papers-blockchain', 'spec.replicas', 7, 'requests.storage = 60Gi'],
  ['quotas-fit-nodes', 'ResourceQuota/sandboxes', 'spec.hard', { 'requests.cpu': '64' }, 'promise requests.cpu'],
];

/** Cases that take another object rather than a change to one, or a cluster that lacks something. */
const ADDED: readonly (readonly [rule: string, landscape: Landscape, says: string])[] = [
  [
    'no-secret-data',
    withMore({ apiVersion: 'v1', kind: 'Secret', metadata: named('keys'), data: { key: 'c2VjcmV0' } }),
    'must not be in git',
  ],
  ['autoscaled-has-no-replicas', withMore(autoscaler('web-terminal-service')), 'spec.replicas = 2 fights'],
  ['reference-exists', withMore(autoscaler('ghost')), 'Deployment "ghost"'],
  ['component-exists', without('traefik'), 'ingressClassName traefik needs the component traefik'],
  ['component-exists', without('local-path'), 'storageClassName local-path needs'],
  ['component-exists', without('coredns'), 'DNS egress needs the component coredns'],
];

describe('a broken manifest', () => {
  test.each(CASES)('breaks the rule %s: %s %s', (rule, object, path, value, says) => {
    const [kind, name] = object.split('/');
    const broken = WHOLE.manifests.findIndex((one) => one.kind === kind && one.metadata.name === name);
    const manifests = WHOLE.manifests.map((one, index) => (index === broken ? patched(one, path, value) : one));
    expect(broken).toBeGreaterThanOrEqual(0);
    expect(told(rule, new Landscape(WHOLE.cluster, manifests, true))).toContainEqual(expect.stringContaining(says));
  });

  test.each(ADDED)('breaks the rule %s', (rule, landscape, says) => {
    expect(told(rule, landscape)).toContainEqual(expect.stringContaining(says));
  });

  test('is named with its cluster, environment and kind', () => {
    const manifests = WHOLE.manifests.map((one) => (one.kind === 'Role' ? patched(one, 'rules.0.verbs', ['*']) : one));
    expect(violations(new Landscape(WHOLE.cluster, manifests, true), RULES)).toEqual([
      'k3s/prod Role/web-terminal-service: no-wildcard-rbac: a rule for pods has a wildcard',
    ]);
  });
});

test('every rule can be broken, and none is broken by what is rendered', () => {
  const covered = new Set([...CASES, ...ADDED].map(([rule]) => rule));
  expect(COMMON_RULES.map(({ name }) => name).filter((name) => !covered.has(name))).toEqual([]);
  expect(violations(WHOLE, RULES)).toEqual([]);
});

test('kinds that need a CRD may be rendered below the top level', () => {
  const landscape = withMore({ apiVersion: 'argoproj.io/v1alpha1', kind: 'AnalysisRun', metadata: named('chat') });
  expect(told('built-in-kinds', landscape)).toHaveLength(1);
  expect(told('built-in-kinds', new Landscape(landscape.cluster, landscape.manifests, false))).toEqual([]);
});

function told(rule: string, landscape: Landscape): readonly string[] {
  return violations(landscape, RULES).filter((line) => line.includes(`: ${rule}: `));
}

function withMore(manifest: Manifest & Record<string, unknown>): Landscape {
  return new Landscape(WHOLE.cluster, [...WHOLE.manifests, manifest], true);
}

function without(component: string): Landscape {
  const components = WHOLE.cluster.components.filter((one) => one !== component);
  return new Landscape({ ...WHOLE.cluster, components }, WHOLE.manifests, true);
}

function named(name: string): Manifest['metadata'] {
  return { name, namespace: TERMINAL, labels: { 'app.kubernetes.io/part-of': 'berth' } };
}

function autoscaler(name: string): Manifest & Record<string, unknown> {
  const spec = { scaleTargetRef: { kind: 'Deployment', name }, maxReplicas: 4 };
  return { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: named('scaler'), spec };
}
