import type { Landscape, ReadKinds } from '../../charts/invariants/landscape.js';
import type { Manifest, PodSpec } from '../../charts/invariants/manifest.js';

/** The label of a Pod that stands for one of an operator's; its value is the kind that it was derived from. */
export const DERIVED = 'berth.dev/derived-from';

/** What to derive: as few Pods as there are when nothing is busy, or as many as a release of everything at once makes. */
export type Moment = 'applied' | 'largest';

/**
 * The Pods, and their claims, that operators would make of their resources: as many, as large and where each resource's own
 * fields say. What an operator adds by itself – a config reloader, say – is not among them.
 */
export function operatorPods(landscape: Landscape, moment: Moment): readonly object[] {
  return [
    ...landscape.of('Rollout').flatMap((rollout) => rolloutPods(landscape, rollout, moment)),
    ...landscape.of('Cluster').flatMap(postgresPods),
    ...landscape.of('RabbitmqCluster').flatMap(rabbitmqPods),
    ...landscape.of('Prometheus').flatMap(monitoringPods),
    ...landscape.of('Alertmanager').flatMap(monitoringPods),
  ];
}

/** Argo Rollouts: Pods of the template, as a ReplicaSet makes them. */
function rolloutPods(landscape: Landscape, manifest: ReadKinds['Rollout'], moment: Moment): readonly object[] {
  const least = (landscape.scalerOf(manifest)?.spec as { readonly minReplicas?: number } | undefined)?.minReplicas;
  const most = landscape.podSources().find((source) => source.manifest === manifest)?.count;
  const count = moment === 'largest' ? most : (least ?? manifest.spec.replicas);
  const { metadata, spec } = manifest.spec.template;
  return podsOf(manifest, count ?? 1, { ...metadata, spec });
}

/** CloudNativePG: never two instances on one node where the resource asks for it, and a claim each. */
function postgresPods(manifest: ReadKinds['Cluster']) {
  const { instances, imageName, resources, inheritedMetadata, storage } = manifest.spec;
  const { nodeSelector, tolerations, podAntiAffinityType, topologyKey } = manifest.spec
    .affinity as ReadKinds['Cluster']['spec']['affinity'] & {
    readonly podAntiAffinityType?: string;
    readonly topologyKey?: string;
  };
  const labels = { ...inheritedMetadata.labels, 'cnpg.io/cluster': manifest.metadata.name };
  const term = {
    topologyKey: topologyKey ?? 'kubernetes.io/hostname',
    labelSelector: { matchLabels: { 'cnpg.io/cluster': manifest.metadata.name } },
  };
  const podAntiAffinity =
    podAntiAffinityType === 'required'
      ? { requiredDuringSchedulingIgnoredDuringExecution: [term] }
      : { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term }] };
  return podsOf(manifest, instances, {
    labels,
    spec: specOf(
      { name: 'postgres', image: imageName, resources },
      { nodeSelector, tolerations, affinity: { podAntiAffinity } },
    ),
    claim: { size: storage.size, storageClass: storage.storageClass },
  });
}

/** RabbitMQ's operator copies affinity and tolerations as they are, and the cluster's labels. */
function rabbitmqPods(manifest: ReadKinds['RabbitmqCluster']) {
  const { replicas, image, resources, affinity, tolerations, persistence } = manifest.spec;
  const { name, labels } = manifest.metadata;
  return podsOf(manifest, replicas, {
    labels: { ...labels, 'app.kubernetes.io/name': name, 'app.kubernetes.io/component': 'rabbitmq' },
    spec: specOf({ name, image, resources }, { affinity, tolerations }),
    claim: { size: persistence.storage, storageClass: persistence.storageClassName },
  });
}

/** Prometheus and Alertmanager by their operator. */
function monitoringPods(manifest: ReadKinds['Prometheus' | 'Alertmanager']) {
  const { replicas, image, resources, podMetadata, nodeSelector, tolerations, storage } =
    manifest.spec as ReadKinds['Prometheus']['spec'] & {
      readonly storage: {
        readonly volumeClaimTemplate: {
          readonly spec: {
            readonly storageClassName: string;
            readonly resources: { readonly requests: { readonly storage: string } };
          };
        };
      };
    };
  const claim = storage.volumeClaimTemplate.spec;
  const name = manifest.kind.toLowerCase();
  return podsOf(manifest, replicas, {
    labels: { ...podMetadata.labels, 'app.kubernetes.io/name': name },
    spec: specOf({ name, image, resources }, { nodeSelector, tolerations }),
    claim: { size: claim.resources.requests.storage, storageClass: claim.storageClassName },
  });
}

/** One container that Pod Security `restricted` admits, as each of these operators makes it. */
function specOf(
  container: { readonly name: string; readonly image: string; readonly resources: object },
  place: object,
): PodSpec {
  const securityContext = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  };
  return { ...place, containers: [{ ...container, securityContext }] };
}

interface Shape {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
  /** @default it keeps nothing */
  readonly claim?: { readonly size: string; readonly storageClass: string };
}

function podsOf(
  { kind, metadata }: Manifest,
  count: number,
  { labels, annotations, spec, claim }: Shape,
): readonly object[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `${kind.toLowerCase()}-${metadata.name}-${index}`;
    const { namespace } = metadata;
    const volumes = [
      ...(spec.volumes ?? []),
      ...(claim ? [{ name: 'data', persistentVolumeClaim: { claimName: name } }] : []),
    ];
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels: { ...labels, [DERIVED]: kind }, annotations },
      spec: { ...spec, volumes },
    };
    if (!claim) return [pod];
    const request = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace },
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: claim.storageClass,
        resources: { requests: { storage: claim.size } },
      },
    };
    return [request, pod];
  }).flat();
}
