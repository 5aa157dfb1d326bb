import type { Cluster } from '../model/cluster.js';
import type { Machine, PodToPlace } from '../model/fit.js';
import { parseQuantity } from '../model/quantity.js';
import type { Landscape, PodSource } from './landscape.js';
import type { Container, Manifest } from './manifest.js';

/** The cluster's nodes with what is free for Pods: the whole less what the system keeps. */
export function machinesOf({ nodes }: Cluster): readonly Machine[] {
  return nodes.map(({ name, cpu, memory, maxPods, reserved, labels = {}, taints = [] }) => ({
    name,
    cpu: parseQuantity(cpu) - parseQuantity(reserved.cpu),
    memory: parseQuantity(memory) - parseQuantity(reserved.memory),
    pods: maxPods,
    labels,
    taints,
  }));
}

/** Every Pod of the cluster's own workloads, and of what operators make of its resources; a DaemonSet's on each node that it tolerates. */
export function podsToPlace(landscape: Landscape): readonly PodToPlace<Manifest>[] {
  return landscape.podSources().flatMap((source) => {
    const { spec } = source.template;
    const pod = {
      name: `${source.manifest.kind}/${source.manifest.metadata.namespace ?? ''}/${source.manifest.metadata.name}`,
      cpu: podRequest(landscape, source, 'cpu'),
      memory: podRequest(landscape, source, 'memory'),
      nodeSelector: spec.nodeSelector ?? {},
      tolerations: spec.tolerations ?? [],
      apart: (spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).length > 0,
      source: source.manifest,
    };
    if (source.manifest.kind !== 'DaemonSet') return Array.from({ length: source.count }, () => pod);
    return machinesOf(landscape.cluster)
      .filter(({ labels }) => Object.entries(pod.nodeSelector).every(([key, value]) => labels[key] === value))
      .map(() => ({ ...pod, apart: true }));
  });
}

/** What one Pod of a source requests, the mesh's container included; initial containers run before the others. */
export function podRequest(landscape: Landscape, source: PodSource, resource: 'cpu' | 'memory'): number {
  const { template, manifest } = source;
  const request = ({ resources }: Container) => parseQuantity(resources?.requests?.[resource] ?? '0');
  const sum = (template.spec.containers ?? []).reduce((total, container) => total + request(container), 0);
  const first = Math.max(0, ...(template.spec.initContainers ?? []).map(request));
  return (
    Math.max(sum, first) + sidecarAmount(landscape, manifest, template.metadata?.annotations, `requests.${resource}`)
  );
}

/** What the mesh's container in a Pod has, by the Pod's own annotations; nothing outside the mesh. */
export function sidecarAmount(
  landscape: Landscape,
  { metadata }: Manifest,
  annotations: Readonly<Record<string, string>> = {},
  resource: string,
): number {
  const key = {
    'requests.cpu': 'CPU',
    'requests.memory': 'Memory',
    'limits.cpu': 'CPULimit',
    'limits.memory': 'MemoryLimit',
  }[resource];
  if (key === undefined || !landscape.inMesh(metadata.namespace)) return 0;
  return parseQuantity(annotations[`sidecar.istio.io/proxy${key}`] ?? '0');
}
