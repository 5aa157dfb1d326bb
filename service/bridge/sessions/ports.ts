import type { KubeEvent, Pod, PodTemplate } from './pod.js';

/**
 * What the use cases need of a cluster. Calls fail with an `ApiFailure`; so do the readings of a watched set when the
 * watch does, because stale answers must not pass for true ones.
 */
export interface Cluster {
  readonly pods: Pods;
  readonly templates: Templates;
  readonly events: Events;
}

/** The sandbox Pods of the namespace: watched, and each by a fresh call. */
export interface Pods {
  /** The watched set. @throws ApiFailure while the watch fails */
  current(): readonly Pod[];
  get(name: string): Promise<Pod>;
  create(pod: unknown): Promise<Pod>;
  /** A JSON merge patch. */
  patch(name: string, patch: unknown): Promise<Pod>;
  delete(name: string, uid: string): Promise<void>;
  /** Calls back for every Pod that appears, changes or goes. Returns what ends it. */
  onChange(listener: (pod: Pod, change: 'present' | 'gone') => void): () => void;
}

export interface Templates {
  /** The watched set. @throws ApiFailure while the watch fails */
  current(): readonly PodTemplate[];
  get(name: string): Promise<PodTemplate>;
}

export interface Events {
  /** Follows the events of one Pod until the returned function is called; `failure` is set while they cannot be read. */
  follow(
    podName: string,
    listener: (events: readonly KubeEvent[], failure: ApiFailure | undefined) => void,
  ): () => void;
}

/** An error that carries the API server's own words; `status` 0: it did not answer. */
export interface ApiFailure extends Error {
  readonly status: number;
  readonly reason: string;
}

export function isApiFailure(error: unknown): error is ApiFailure {
  return error instanceof Error && 'status' in error && typeof error.status === 'number' && 'reason' in error;
}
