import { ApiClient, type ObserveCall } from './kubernetes/api-client.js';
import type { ApiError } from './kubernetes/api-error.js';
import type { ClusterAccess } from './kubernetes/cluster-access.js';
import { Resource } from './kubernetes/resource.js';
import { WatchCache } from './kubernetes/watch-cache.js';
import { LABELS, SANDBOX_APP, type KubeEvent, type Pod, type PodTemplate } from './sessions/pod.js';
import { outlinePod } from './sessions/pod-outline.js';
import type { Cluster, Events, Pods, Templates } from './sessions/ports.js';

export interface KubernetesClusterProps {
  readonly access: ClusterAccess;
  readonly namespace: string;
  readonly observe: ObserveCall;
  /** Told when a watch begins to fail, and with `undefined` when it is well again. */
  readonly onProblem: (kind: string, problem: ApiError | undefined) => void;
}

/** A watch cache, whatever it holds. */
interface Watching {
  readonly primed: boolean;
  readonly problem: ApiError | undefined;
  start(): void;
  stop(): Promise<void>;
}

/** The ports of the use cases, over the Kubernetes API. Watches from `start` on. */
export class KubernetesCluster implements Cluster {
  readonly pods: Pods;
  readonly templates: Templates;
  readonly events: Events;
  private readonly caches: Readonly<Record<string, Watching>>;

  constructor(props: KubernetesClusterProps) {
    const { access, namespace, observe, onProblem } = props;
    const client = new ApiClient(access, observe);
    const pods = new Resource<Pod>(client, namespace, 'pods');
    const templates = new Resource<PodTemplate>(client, namespace, 'podtemplates');
    const sandboxes = { labelSelector: `${LABELS.app}=${SANDBOX_APP}` };
    const podCache = new WatchCache(pods, sandboxes, (problem) => onProblem('pods', problem), outlinePod);
    const templateCache = new WatchCache(templates, {}, (problem) => onProblem('podtemplates', problem));
    this.caches = { pods: podCache, podtemplates: templateCache };
    this.pods = watchedPods(pods, podCache);
    this.templates = { current: () => current(templateCache), get: (name) => templates.get(name) };
    this.events = podEvents(new Resource<KubeEvent>(client, namespace, 'events'));
  }

  /** The kinds that have not been listed and watched yet, and why; empty once each of them has been. */
  get unprimed(): readonly string[] {
    return Object.entries(this.caches).flatMap(([kind, { primed, problem }]) =>
      primed ? [] : [`${kind} are not yet listed and watched: ${problem?.message ?? ''}`],
    );
  }

  start(): void {
    for (const cache of Object.values(this.caches)) cache.start();
  }

  async stop(): Promise<void> {
    await Promise.all(Object.values(this.caches).map((cache) => cache.stop()));
  }
}

function current<T extends Pod | PodTemplate>(cache: WatchCache<T>): readonly T[] {
  if (cache.problem !== undefined) throw cache.problem;
  return cache.values();
}

/** Every answer goes into the cache as well, so that a user who has just done something sees it done. */
function watchedPods(resource: Resource<Pod>, cache: WatchCache<Pod>): Pods {
  const noted = (pod: Pod): Pod => cache.put(pod);
  return {
    current: () => current(cache),
    get: async (name) => noted(await resource.get(name)),
    create: async (pod) => noted(await resource.create(pod)),
    patch: async (name, patch) => noted(await resource.patch(name, patch)),
    delete: (name, uid) => resource.delete(name, uid),
    onChange: (listener) => cache.onChange(listener),
  };
}

function podEvents(resource: Resource<KubeEvent>): Events {
  return {
    follow: (podName, listener) => {
      let failure: ApiError | undefined;
      const tell = (): void => listener(cache.values().toSorted(byTime), failure);
      const selection = { fieldSelector: `involvedObject.name=${podName}` };
      const cache: WatchCache<KubeEvent> = new WatchCache(resource, selection, (problem) => {
        failure = problem;
        tell();
      });
      cache.onChange(tell);
      cache.start();
      return () => void cache.stop();
    },
  };
}

function byTime(a: KubeEvent, b: KubeEvent): number {
  return timeOf(a).localeCompare(timeOf(b));
}

function timeOf({ lastTimestamp, eventTime, metadata }: KubeEvent): string {
  return lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '';
}
