import { ANNOTATIONS, LABELS, type ContainerStatus, type ObjectMeta, type Pod, type PodStatus } from './pod.js';

/**
 * What is read of a Pod while its session lives, without the rest: environment, volumes, managed fields and the like are
 * most of a Pod, and a bridge holds hundreds of Pods.
 */
export function outlinePod(pod: Pod): Pod {
  const { metadata, spec, status } = pod;
  return {
    metadata: outlineMetadata(metadata),
    ...(spec && {
      spec: {
        ...pick(spec, ['nodeName', 'activeDeadlineSeconds']),
        containers: spec.containers.map((container) => pick(container, ['name', 'image'])),
      },
    }),
    ...(status && { status: outlineStatus(status) }),
  };
}

function outlineMetadata(metadata: ObjectMeta & { readonly resourceVersion?: string }): ObjectMeta {
  const { labels, annotations } = metadata;
  return {
    ...pick(metadata, ['name', 'uid', 'resourceVersion', 'creationTimestamp', 'deletionTimestamp']),
    ...(labels && { labels: pick(labels, Object.values(LABELS)) }),
    ...(annotations && { annotations: pick(annotations, Object.values(ANNOTATIONS)) }),
  };
}

function outlineStatus(status: PodStatus): PodStatus {
  const { conditions, containerStatuses } = status;
  return {
    ...pick(status, ['phase', 'reason', 'message', 'startTime']),
    ...(conditions && {
      conditions: conditions.map((condition) =>
        pick(condition, ['type', 'status', 'reason', 'message', 'lastTransitionTime']),
      ),
    }),
    ...(containerStatuses && { containerStatuses: containerStatuses.map(outlineContainer) }),
  };
}

function outlineContainer(container: ContainerStatus): ContainerStatus {
  return pick(container, ['name', 'ready', 'started', 'imageID', 'state']);
}

/** A copy with these keys, where they are set. */
function pick<T extends object, Key extends keyof T>(object: T, keys: readonly Key[]): Pick<T, Key> {
  const kept: Partial<Pick<T, Key>> = {};
  for (const key of keys) if (object[key] !== undefined) kept[key] = object[key];
  return kept as Pick<T, Key>;
}
