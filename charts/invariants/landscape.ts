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

/** Everything that is rendered for one cluster, with the cluster's own data: what the rules look at. */
export class Landscape {
  constructor(
    readonly cluster: Cluster,
    readonly manifests: readonly Manifest[],
    /** Whether a plain `kubectl apply -f cdk8s.out` applies it, without any CRD in the cluster. */
    readonly topLevel: boolean,
  ) {}

  /** All objects of a kind. */
  of<Kind extends keyof ReadKinds>(kind: Kind): readonly ReadKinds[Kind][] {
    return this.manifests.filter((manifest): manifest is ReadKinds[Kind] => manifest.kind === kind);
  }

  /** Whether an object is rendered here or made by somebody else; `namespace` is empty for cluster-scoped kinds. */
  exists(kind: string, name: string, namespace = ''): boolean {
    const rendered = this.manifests.some(
      ({ kind: k, metadata }) => k === kind && metadata.name === name && (metadata.namespace ?? '') === namespace,
    );
    const fromStore = this.of('ExternalSecret').some(
      ({ metadata, spec }) => kind === 'Secret' && spec.target.name === name && metadata.namespace === namespace,
    );
    const named = this.cluster.external.filter((object) => object.kind === kind && object.name === name);
    return rendered || fromStore || named.some((object) => [namespace, '*'].includes(object.namespace ?? ''));
  }

  /** Everything that makes Pods. */
  podSources(): readonly PodSource[] {
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

  /** Its replicas, or the most that its autoscaler may ask for. */
  mostReplicas({ kind, metadata, spec }: Manifest & { readonly spec: { readonly replicas?: number } }): number {
    const scaler = this.of('HorizontalPodAutoscaler').find(
      (one) =>
        one.metadata.namespace === metadata.namespace &&
        one.spec.scaleTargetRef.kind === kind &&
        one.spec.scaleTargetRef.name === metadata.name,
    );
    return scaler?.spec.maxReplicas ?? spec.replicas ?? 1;
  }

  /** Whether the mesh puts its container into the Pods of a namespace. */
  inMesh(namespace: string | undefined): boolean {
    const found = this.of('Namespace').find(({ metadata }) => metadata.name === namespace);
    return found?.metadata.labels?.['istio-injection'] === 'enabled';
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
