import type { Landscape } from './landscape.js';
import type { Manifest } from './manifest.js';
import { isObjectName, OBJECT_NAME_RULE } from '../model/object-name.js';
import type { Rule, Violation } from './rule.js';

const CLUSTER_SCOPED = [
  'Namespace',
  'PriorityClass',
  'RuntimeClass',
  'StorageClass',
  'IngressClass',
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
  'ClusterSecretStore',
];

/** API groups that every Kubernetes serves without a CRD. */
const BUILT_IN_GROUPS = [
  '',
  'apps',
  'autoscaling',
  'batch',
  'networking.k8s.io',
  'node.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
];

/** What holds for an object whatever its kind. */
export const OBJECT_RULES: readonly Rule[] = [
  {
    name: 'built-in-kinds',
    *check({ topLevel, manifests }) {
      for (const manifest of topLevel ? manifests : []) {
        const group = manifest.apiVersion.includes('/') ? (manifest.apiVersion.split('/')[0] ?? '') : '';
        if (!BUILT_IN_GROUPS.includes(group))
          yield {
            manifest,
            message: `${manifest.apiVersion} needs a CRD; the top level is applied to a plain cluster`,
          };
      }
    },
  },
  {
    name: 'part-of-label',
    *check(landscape) {
      const label = 'app.kubernetes.io/part-of';
      for (const manifest of landscape.manifests)
        if (!manifest.metadata.labels?.[label]) yield { manifest, message: `metadata.labels lacks ${label}` };
      for (const { manifest, template } of landscape.podSources())
        if (!template.metadata?.labels?.[label]) yield { manifest, message: `the Pod template's labels lack ${label}` };
    },
  },
  {
    name: 'plain-name',
    *check({ manifests }) {
      for (const manifest of manifests) {
        const { name } = manifest.metadata;
        if (!isObjectName(name)) yield { manifest, message: OBJECT_NAME_RULE };
        if (/-c8[0-9a-f]{6}$/.test(name))
          yield { manifest, message: 'a name made from a hash changes when code moves' };
      }
    },
  },
  {
    name: 'unique',
    *check({ manifests }) {
      const seen = new Set<string>();
      for (const manifest of manifests) {
        const { name, namespace = '' } = manifest.metadata;
        const key = [manifest.apiVersion.split('/')[0], manifest.kind, namespace, name].join(' ');
        if (seen.has(key)) yield { manifest, message: `there are two of this name in namespace "${namespace}"` };
        seen.add(key);
      }
    },
  },
  {
    name: 'no-null',
    *check({ manifests }) {
      for (const manifest of manifests)
        for (const path of nulls(manifest, '')) yield { manifest, message: `${path} is null` };
    },
  },
  { name: 'namespace-exists', check: checkNamespaces },
];

function* checkNamespaces(landscape: Landscape): Iterable<Violation> {
  for (const manifest of landscape.manifests) {
    const { namespace } = manifest.metadata;
    if (CLUSTER_SCOPED.includes(manifest.kind)) {
      if (namespace !== undefined) yield { manifest, message: `is cluster-scoped and has namespace "${namespace}"` };
    } else if (namespace === undefined || !landscape.exists('Namespace', namespace)) {
      yield { manifest, message: `namespace "${namespace ?? ''}" is neither rendered nor external` };
    }
  }
}

function* nulls(value: unknown, path: string): Iterable<string> {
  if (value === null) yield path;
  else if (typeof value === 'object')
    for (const [key, child] of Object.entries(value as Manifest))
      yield* nulls(child, path === '' ? key : `${path}.${key}`);
}
