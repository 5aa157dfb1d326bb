import type {
  KubeConfig,
  V1DaemonSet,
  V1Deployment,
  V1Node,
  V1PersistentVolumeClaim,
  V1Pod,
  V1StatefulSet,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';
import { AppsV1Api, AutoscalingV2Api, CoreV1Api } from '@kubernetes/client-node';

/** What is asked for and what runs where, at one moment. */
export interface Placement {
  readonly nodes: readonly V1Node[];
  readonly pods: readonly V1Pod[];
  readonly claims: readonly V1PersistentVolumeClaim[];
  readonly deployments: readonly V1Deployment[];
  readonly statefulSets: readonly V1StatefulSet[];
  readonly daemonSets: readonly V1DaemonSet[];
  readonly autoscalers: readonly V2HorizontalPodAutoscaler[];
}

/** Asks the API server for everything. */
export async function look(config: KubeConfig): Promise<Placement> {
  const [core, apps] = [config.makeApiClient(CoreV1Api), config.makeApiClient(AppsV1Api)];
  const [nodes, pods, claims, deployments, statefulSets, daemonSets, autoscalers] = await Promise.all([
    core.listNode(),
    core.listPodForAllNamespaces(),
    core.listPersistentVolumeClaimForAllNamespaces(),
    apps.listDeploymentForAllNamespaces(),
    apps.listStatefulSetForAllNamespaces(),
    apps.listDaemonSetForAllNamespaces(),
    config.makeApiClient(AutoscalingV2Api).listHorizontalPodAutoscalerForAllNamespaces(),
  ]);
  return {
    nodes: nodes.items,
    pods: pods.items,
    claims: claims.items,
    deployments: deployments.items,
    statefulSets: statefulSets.items,
    daemonSets: daemonSets.items,
    autoscalers: autoscalers.items,
  };
}

/** A line for all that is asked for and not there: workloads, claims, Pods with the scheduler's own reason. */
export function missing(placement: Placement): readonly string[] {
  return [
    ...placement.pods.filter(({ spec }) => spec?.nodeName === undefined).map(unscheduled),
    ...placement.claims
      .filter(({ status }) => status?.phase !== 'Bound')
      .map((claim) => `PersistentVolumeClaim ${nameOf(claim)}: is ${claim.status?.phase ?? 'not looked at'}`),
    ...placement.deployments.flatMap((one) => {
      const { spec, status } = one;
      const why = status?.conditions?.find(({ type }) => type === 'ReplicaFailure')?.message;
      const counts = [status?.updatedReplicas, status?.availableReplicas, status?.replicas];
      return told('Deployment', one, spec?.replicas, counts, why);
    }),
    ...placement.statefulSets.flatMap((one) => {
      const { spec, status } = one;
      return told('StatefulSet', one, spec?.replicas, [status?.updatedReplicas, status?.availableReplicas]);
    }),
    ...placement.daemonSets.flatMap((one) => {
      const { status } = one;
      const counts = [status?.updatedNumberScheduled, status?.numberReady];
      return told('DaemonSet', one, status?.desiredNumberScheduled, counts);
    }),
    ...placement.autoscalers.flatMap((one) => {
      const scaleTargetRef = one.spec?.scaleTargetRef;
      const minReplicas = one.spec?.minReplicas ?? 1;
      const target = placement.deployments.find(
        ({ metadata }) => metadata?.name === scaleTargetRef?.name && metadata?.namespace === one.metadata?.namespace,
      );
      const has = scaleTargetRef?.kind === 'Deployment' ? (target?.spec?.replicas ?? 0) : minReplicas;
      return has >= minReplicas ? [] : [`HorizontalPodAutoscaler ${nameOf(one)}: asks for ${minReplicas}, not ${has}`];
    }),
  ];
}

/** What is said of a Pod that has no node before the scheduler has said anything. */
export const NOT_LOOKED_AT = 'the scheduler has not looked at it';

/** Why the scheduler found no node for a Pod, in its own words. */
export function unscheduled(pod: V1Pod): string {
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  return `Pod ${nameOf(pod)}: ${scheduled?.message ?? NOT_LOOKED_AT}`;
}

interface Named {
  readonly metadata?: { readonly namespace?: string; readonly name?: string; readonly generation?: number };
}

/** `namespace/name`. */
export function nameOf({ metadata }: Named): string {
  return `${metadata?.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata?.name ?? ''}`;
}

/** Nothing when its controller has seen it, and every count is what is wanted; at least one is. */
function told(
  kind: string,
  one: Named & { readonly status?: { readonly observedGeneration?: number } },
  wanted: number | undefined,
  counts: readonly (number | undefined)[],
  why = '',
): readonly string[] {
  const seen = one.status?.observedGeneration === one.metadata?.generation;
  if (seen && wanted !== undefined && wanted > 0 && counts.every((count) => count === wanted)) return [];
  return [`${kind} ${nameOf(one)}: ${counts.map((count) => count ?? 0).join(', ')} of ${wanted ?? 0} ${why}`.trim()];
}
