import { containersOf } from './landscape.js';
import type { Landscape } from './landscape.js';
import type { Manifest, PodTemplateBody } from './manifest.js';
import type { Rule, Violation } from './rule.js';

/** A name that an object uses of another one: where, and of what. */
interface Reference {
  readonly manifest: Manifest;
  readonly field: string;
  readonly kind: string;
  readonly name: string;
  /** @default none: a cluster-scoped object */
  readonly namespace?: string | undefined;
}

/** Whatever is named exists. */
export const REFERENCE_RULES: readonly Rule[] = [
  {
    name: 'reference-exists',
    *check(landscape): Iterable<Violation> {
      for (const { manifest, field, kind, name, namespace } of references(landscape))
        if (!landscape.exists(kind, name, namespace))
          yield { manifest, message: `${field} names ${kind} "${name}", which is neither rendered nor external` };
    },
  },
];

function* references(landscape: Landscape): Iterable<Reference> {
  for (const { manifest, template } of landscape.podSources()) yield* podReferences(manifest, template);
  for (const manifest of landscape.of('StatefulSet')) {
    const { namespace } = manifest.metadata;
    yield { manifest, field: 'serviceName', kind: 'Service', name: manifest.spec.serviceName, namespace };
    for (const { spec } of manifest.spec.volumeClaimTemplates ?? [])
      yield storageClass(manifest, spec.storageClassName);
  }
  for (const manifest of landscape.of('PersistentVolumeClaim'))
    yield storageClass(manifest, manifest.spec.storageClassName);
  for (const manifest of landscape.of('Ingress')) {
    const { namespace } = manifest.metadata;
    yield { manifest, field: 'ingressClassName', kind: 'IngressClass', name: manifest.spec.ingressClassName ?? '' };
    for (const { backend } of (manifest.spec.rules ?? []).flatMap(({ http }) => http?.paths ?? []))
      yield { manifest, field: 'backend.service', kind: 'Service', name: backend.service?.name ?? '', namespace };
  }
  for (const manifest of [...landscape.of('RoleBinding'), ...landscape.of('ClusterRoleBinding')]) {
    const { kind, name } = manifest.roleRef;
    const namespace = kind === 'Role' ? manifest.metadata.namespace : undefined;
    yield { manifest, field: 'roleRef', kind, name, namespace };
    for (const subject of manifest.subjects ?? [])
      if (subject.kind === 'ServiceAccount') yield { manifest, field: 'subjects', ...subject };
  }
  for (const manifest of landscape.of('VerticalPodAutoscaler')) {
    const { kind, name } = manifest.spec.targetRef;
    yield { manifest, field: 'targetRef', kind, name, namespace: manifest.metadata.namespace };
  }
  for (const manifest of landscape.of('ExternalSecret'))
    yield { manifest, field: 'secretStoreRef', kind: 'ClusterSecretStore', name: manifest.spec.secretStoreRef.name };
  for (const manifest of landscape.of('Rollout')) {
    const { blueGreen } = manifest.spec.strategy;
    for (const name of [blueGreen?.activeService, blueGreen?.previewService])
      if (name !== undefined)
        yield { manifest, field: 'blueGreen', kind: 'Service', name, namespace: manifest.metadata.namespace };
  }
  for (const manifest of landscape.of('HorizontalPodAutoscaler')) {
    const { kind, name } = manifest.spec.scaleTargetRef;
    yield { manifest, field: 'scaleTargetRef', kind, name, namespace: manifest.metadata.namespace };
  }
}

function* podReferences(manifest: Manifest, template: PodTemplateBody): Iterable<Reference> {
  const { namespace } = manifest.metadata;
  const { serviceAccountName, priorityClassName, runtimeClassName, volumes = [] } = template.spec;
  const named = (field: string, kind: string, name: string | undefined, scoped = true): Reference[] =>
    name === undefined ? [] : [{ manifest, field, kind, name, ...(scoped && { namespace }) }];
  yield* named('serviceAccountName', 'ServiceAccount', serviceAccountName);
  yield* named('priorityClassName', 'PriorityClass', priorityClassName, false);
  yield* named('runtimeClassName', 'RuntimeClass', runtimeClassName, false);
  for (const volume of volumes) {
    const field = `volume ${volume.name}`;
    yield* named(field, 'Secret', volume.secret?.secretName);
    yield* named(field, 'ConfigMap', volume.configMap?.name);
    yield* named(field, 'PersistentVolumeClaim', volume.persistentVolumeClaim?.claimName);
    for (const source of volume.projected?.sources ?? []) {
      yield* named(field, 'Secret', source.secret?.name);
      yield* named(field, 'ConfigMap', source.configMap?.name);
    }
  }
  for (const { name, env = [], envFrom = [] } of containersOf(template)) {
    for (const { valueFrom } of env) {
      yield* named(`env of container ${name}`, 'Secret', valueFrom?.secretKeyRef?.name);
      yield* named(`env of container ${name}`, 'ConfigMap', valueFrom?.configMapKeyRef?.name);
    }
    for (const { secretRef, configMapRef } of envFrom) {
      yield* named(`envFrom of container ${name}`, 'Secret', secretRef?.name);
      yield* named(`envFrom of container ${name}`, 'ConfigMap', configMapRef?.name);
    }
  }
}

function storageClass(manifest: Manifest, name = ''): Reference {
  return { manifest, field: 'storageClassName', kind: 'StorageClass', name };
}
