import type { Cluster } from '../model/cluster.js';
import type { CustomKindsRead } from './custom-manifest.js';
import { monitoringPods, postgresPods, rabbitmqPods } from './derived-pods.js';
import type { Container, Kinds, Labels, Manifest, PodTemplateBody } from './manifest.js';

/** Every kind that a rule looks into. */
export type ReadKinds = Kinds & CustomKindsRead;

/** Pods that some manifest makes: what they are, and how many there may be at once. */
export interface PodSource {
  readonly manifest: Manifest;
  readonly template: PodTemplateBody;
  /** Replicas, and the most of a rollout; 0 where the number is not ours to know (a profile, a DaemonSet). */
  readonly count: number;
  /** Made by an operator of a resource of its own: what its fields do not say is the operator's business. @default false */
  readonly derived?: boolean;
}

/**
 * Everything that is rendered for one cluster, with the cluster's own data: what the rules look at. Rules ask the same
 * questions of each object, so answers are found by key: without that, their time grows with the square of the objects.
 */
export class Landscape {
  private readonly byKind: ReadonlyMap<string, readonly Manifest[]>;
  private readonly byPlace: ReadonlyMap<string, readonly Manifest[]>;
  private readonly names: ReadonlySet<string>;
  private readonly fromStore: ReadonlySet<string>;
  private readonly scalers: ReadonlyMap<string, Kinds['HorizontalPodAutoscaler']>;
  private readonly meshed: ReadonlySet<string>;
  private sources: readonly PodSource[] | undefined;
  private sourcesByNamespace: ReadonlyMap<string | undefined, readonly PodSource[]> | undefined;

  constructor(
    readonly cluster: Cluster,
    readonly manifests: readonly Manifest[],
    /** Whether a plain `kubectl apply -f cdk8s.out` applies it, without any CRD in the cluster. */
    readonly topLevel: boolean,
  ) {
    this.byKind = grouped(manifests, ({ kind }) => kind);
    this.byPlace = grouped(manifests, ({ kind, metadata }) => keyOf(kind, '', metadata.namespace));
    this.names = new Set(manifests.map(({ kind, metadata }) => keyOf(kind, metadata.name, metadata.namespace)));
    this.fromStore = new Set(
      this.of('ExternalSecret').map(({ metadata, spec }) => keyOf('Secret', spec.target.name, metadata.namespace)),
    );
    // The first of a name counts, as one that is found by looking from the start.
    this.scalers = new Map(
      this.of('HorizontalPodAutoscaler')
        .toReversed()
        .map((one) => {
          const { kind, name } = one.spec.scaleTargetRef;
          return [keyOf(kind, name, one.metadata.namespace), one];
        }),
    );
    this.meshed = new Set(
      this.of('Namespace').flatMap(({ metadata }) =>
        metadata.labels?.['istio-injection'] === 'enabled' ? [metadata.name] : [],
      ),
    );
  }

  /** All objects of a kind. */
  of<Kind extends keyof ReadKinds>(kind: Kind): readonly ReadKinds[Kind][] {
    return (this.byKind.get(kind) ?? []) as readonly ReadKinds[Kind][];
  }

  /** All objects of a kind in one namespace. */
  within<Kind extends keyof ReadKinds>(kind: Kind, namespace: string | undefined): readonly ReadKinds[Kind][] {
    return (this.byPlace.get(keyOf(kind, '', namespace)) ?? []) as readonly ReadKinds[Kind][];
  }

  /** Whether an object is rendered here or made by somebody else; `namespace` is empty for cluster-scoped kinds. */
  exists(kind: string, name: string, namespace = ''): boolean {
    const key = keyOf(kind, name, namespace);
    if (this.names.has(key) || this.fromStore.has(key)) return true;
    const named = this.cluster.external.filter((object) => object.kind === kind && object.name === name);
    return named.some((object) => [namespace, '*'].includes(object.namespace ?? ''));
  }

  /** Everything that makes Pods. */
  podSources(): readonly PodSource[] {
    this.sources ??= this.findSources();
    return this.sources;
  }

  private findSources(): readonly PodSource[] {
    return [
      ...this.of('Deployment').map((manifest) => {
        const { strategy, template } = manifest.spec;
        const surge = strategy?.type === 'Recreate' ? 0 : Number(strategy?.rollingUpdate?.maxSurge ?? 1);
        return { manifest, template, count: this.mostReplicas(manifest) + surge };
      }),
      ...this.of('Rollout').map((manifest) => {
        const replicas = this.mostReplicas(manifest);
        const { canary } = manifest.spec.strategy;
        return {
          manifest,
          template: manifest.spec.template,
          count: canary ? replicas + Number(canary.maxSurge ?? 1) : 2 * replicas,
        };
      }),
      ...this.of('StatefulSet').map((manifest) => {
        return { manifest, template: manifest.spec.template, count: this.mostReplicas(manifest) };
      }),
      ...this.of('DaemonSet').map((manifest) => ({ manifest, template: manifest.spec.template, count: 0 })),
      ...this.of('PodTemplate').map((manifest) => ({ manifest, template: manifest.template, count: 0 })),
      ...this.of('Cluster').map(postgresPods),
      ...this.of('RabbitmqCluster').map(rabbitmqPods),
      ...this.of('Prometheus').map(monitoringPods),
      ...this.of('Alertmanager').map(monitoringPods),
    ];
  }

  /** What decides about a workload's replicas. */
  scalerOf({ kind, metadata }: Manifest): Kinds['HorizontalPodAutoscaler'] | undefined {
    return this.scalers.get(keyOf(kind, metadata.name, metadata.namespace));
  }

  /** Its replicas, or the most that its autoscaler may ask for. */
  mostReplicas(workload: Manifest & { readonly spec: { readonly replicas?: number } }): number {
    return this.scalerOf(workload)?.spec.maxReplicas ?? workload.spec.replicas ?? 1;
  }

  /** Whether the mesh puts its container into the Pods of a namespace. */
  inMesh(namespace: string | undefined): boolean {
    return namespace !== undefined && this.meshed.has(namespace);
  }

  /** What makes Pods in one namespace. */
  podSourcesWithin(namespace: string | undefined): readonly PodSource[] {
    this.sourcesByNamespace ??= grouped(this.podSources(), ({ manifest }) => manifest.metadata.namespace);
    return this.sourcesByNamespace.get(namespace) ?? [];
  }

  /** Workloads whose Pods a selector in their namespace finds; profiles are none, their Pods come and go. */
  selected(namespace: string | undefined, selector: Labels): readonly PodSource[] {
    return this.podSourcesWithin(namespace).filter(
      ({ manifest, template }) => manifest.kind !== 'PodTemplate' && matches(selector, template.metadata?.labels ?? {}),
    );
  }
}

function keyOf(kind: string, name: string, namespace = ''): string {
  return `${kind} ${namespace}/${name}`;
}

function grouped<Item, Key>(items: readonly Item[], keyOfItem: (item: Item) => Key): ReadonlyMap<Key, readonly Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOfItem(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** Whether every label of the selector is among `labels`. */
export function matches(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

/** The containers of a Pod, the initial ones included. */
export function containersOf({ spec }: PodTemplateBody): readonly Container[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
}
