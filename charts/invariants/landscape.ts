import type { Cluster } from '../model/cluster.js';
import type { Container, Kinds, Labels, Manifest, PodTemplateBody } from './manifest.js';

/** Pods that some manifest makes: what they are, and how many there may be at once. */
export interface PodSource {
  readonly manifest: Manifest;
  readonly template: PodTemplateBody;
  /** Replicas, and the most of a rollout; 0 where the number is not ours to know (a profile, a DaemonSet). */
  readonly count: number;
}

/** Everything that is rendered for one cluster, with the cluster's own data: what the rules look at. */
export class Landscape {
  constructor(
    readonly cluster: Cluster,
    readonly manifests: readonly Manifest[],
    /** Whether a plain `kubectl apply -f cdk8s.out` applies it, without any CRD in the cluster. */
    readonly topLevel: boolean,
  ) {}

  /** All objects of a kind. */
  of<Kind extends keyof Kinds>(kind: Kind): readonly Kinds[Kind][] {
    return this.manifests.filter((manifest): manifest is Kinds[Kind] => manifest.kind === kind);
  }

  /** Whether an object is rendered here or made by somebody else; `namespace` is empty for cluster-scoped kinds. */
  exists(kind: string, name: string, namespace = ''): boolean {
    const rendered = this.manifests.some(
      ({ kind: k, metadata }) => k === kind && metadata.name === name && (metadata.namespace ?? '') === namespace,
    );
    const named = this.cluster.external.filter((object) => object.kind === kind && object.name === name);
    return rendered || named.some((object) => [namespace, '*'].includes(object.namespace ?? ''));
  }

  /** Everything that makes Pods. */
  podSources(): readonly PodSource[] {
    return [
      ...this.of('Deployment').map((manifest) => {
        const { replicas = 1, strategy, template } = manifest.spec;
        const surge = strategy?.type === 'Recreate' ? 0 : Number(strategy?.rollingUpdate?.maxSurge ?? 1);
        return { manifest, template, count: replicas + surge };
      }),
      ...this.of('StatefulSet').map((manifest) => {
        return { manifest, template: manifest.spec.template, count: manifest.spec.replicas ?? 1 };
      }),
      ...this.of('DaemonSet').map((manifest) => ({ manifest, template: manifest.spec.template, count: 0 })),
      ...this.of('PodTemplate').map((manifest) => ({ manifest, template: manifest.template, count: 0 })),
    ];
  }

  /** Workloads whose Pods a selector in their namespace finds; profiles are none, their Pods come and go. */
  selected(namespace: string | undefined, selector: Labels): readonly PodSource[] {
    return this.podSources().filter(
      ({ manifest, template }) =>
        manifest.kind !== 'PodTemplate' &&
        manifest.metadata.namespace === namespace &&
        matches(selector, template.metadata?.labels ?? {}),
    );
  }
}

/** Whether every label of the selector is among `labels`. */
export function matches(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

/** The containers of a Pod, the initial ones included. */
export function containersOf({ spec }: PodTemplateBody): readonly Container[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
}
