import { containersOf, matches } from './landscape.js';
import type { Landscape, PodSource } from './landscape.js';
import type { Rule, Violation } from './rule.js';

/** Services, budgets and autoscalers fit the workloads that they are for. */
export const WORKLOAD_RULES: readonly Rule[] = [
  {
    name: 'selector-finds-own-pods',
    *check(landscape) {
      for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet', 'Rollout'] as const)
        for (const manifest of landscape.of(kind)) {
          const { selector, template } = manifest.spec;
          if (!matches(selector.matchLabels ?? {}, template.metadata?.labels ?? {}))
            yield {
              manifest,
              message: `selector ${JSON.stringify(selector.matchLabels)} does not match its own template`,
            };
        }
    },
  },
  { name: 'service-finds-one-workload', check: checkServices },
  { name: 'node-port', check: checkNodePorts },
  {
    name: 'ingress-port',
    *check(landscape) {
      for (const manifest of landscape.of('Ingress'))
        for (const { backend } of (manifest.spec.rules ?? []).flatMap(({ http }) => http?.paths ?? [])) {
          const service = landscape
            .of('Service')
            .find(
              ({ metadata }) =>
                metadata.name === backend.service?.name && metadata.namespace === manifest.metadata.namespace,
            );
          const { namespace } = manifest.metadata;
          // Somebody else's Service: its ports are not ours to know.
          if (!service && landscape.exists('Service', backend.service?.name ?? '', namespace)) continue;
          const wanted = backend.service?.port.name ?? backend.service?.port.number;
          const ports = (service?.spec.ports ?? []) as readonly { readonly name?: string; readonly port: number }[];
          if (!ports.some(({ name, port }) => wanted === name || wanted === port))
            yield { manifest, message: `Service "${backend.service?.name ?? ''}" has no port ${wanted ?? ''}` };
        }
    },
  },
  { name: 'drain', check: checkBudgets },
  {
    name: 'autoscaled-has-no-replicas',
    *check(landscape) {
      for (const { metadata, spec } of landscape.of('HorizontalPodAutoscaler'))
        for (const manifest of [
          ...landscape.of('Deployment'),
          ...landscape.of('StatefulSet'),
          ...landscape.of('Rollout'),
        ]) {
          const { kind, name } = spec.scaleTargetRef;
          const target = manifest.kind === kind && manifest.metadata.name === name;
          if (target && manifest.metadata.namespace === metadata.namespace && manifest.spec.replicas !== undefined)
            yield { manifest, message: `spec.replicas = ${manifest.spec.replicas} fights its HorizontalPodAutoscaler` };
        }
    },
  },
];

function* checkServices(landscape: Landscape): Iterable<Violation> {
  for (const manifest of landscape.of('Service')) {
    const { selector, ports } = manifest.spec;
    if (!selector) continue;
    const found = landscape.selected(manifest.metadata.namespace, selector);
    if (!isOneApp(found)) {
      yield { manifest, message: `selector ${JSON.stringify(selector)} finds ${found.length} workloads, want one` };
      continue;
    }
    const open = found.flatMap(({ template }) => containersOf(template).flatMap((container) => container.ports ?? []));
    for (const { port, targetPort = port } of ports)
      if (!open.some(({ name, containerPort }) => targetPort === name || targetPort === containerPort))
        yield { manifest, message: `targetPort ${targetPort} is no port of its workload` };
  }
}

/** One workload, or several versions of one app side by side. */
function isOneApp(found: readonly PodSource[]): boolean {
  const label = (name: string) => found.map(({ template }) => template.metadata?.labels?.[name]);
  const versions = label('version');
  const apart = found.length === 1 || (new Set(versions).size === found.length && !versions.includes(undefined));
  return found.length > 0 && apart && new Set(label('app.kubernetes.io/name')).size === 1;
}

function* checkNodePorts(landscape: Landscape): Iterable<Violation> {
  const taken = new Set<number>();
  for (const manifest of landscape.of('Service'))
    for (const { nodePort } of manifest.spec.ports) {
      if (nodePort === undefined) continue;
      if (!(Number.isInteger(nodePort) && nodePort >= 30000 && nodePort <= 32767))
        yield { manifest, message: `nodePort ${nodePort}: want 30000 to 32767` };
      if (taken.has(nodePort)) yield { manifest, message: `nodePort ${nodePort} is taken by another Service` };
      taken.add(nodePort);
    }
}

function* checkBudgets(landscape: Landscape): Iterable<Violation> {
  for (const manifest of landscape.of('PodDisruptionBudget')) {
    const { selector, minAvailable, maxUnavailable } = manifest.spec;
    const found = landscape.selected(manifest.metadata.namespace, selector.matchLabels ?? {});
    if (!isOneApp(found)) yield { manifest, message: `its selector finds ${found.length} workloads, want one` };
    if (maxUnavailable === 0 || maxUnavailable === '0%' || minAvailable === '100%')
      yield { manifest, message: 'allows no disruption, so a drain never ends' };
    const replicas = Math.min(...found.map((source) => replicasOf(landscape, source)));
    if (typeof minAvailable === 'number' && minAvailable >= replicas)
      yield { manifest, message: `minAvailable ${minAvailable} of ${replicas} replicas, so a drain never ends` };
  }
}

/** Of a workload of ours; of what an operator makes nothing is known here. */
function replicasOf(landscape: Landscape, { manifest: { kind, metadata } }: PodSource): number {
  const workloads = (['Deployment', 'StatefulSet', 'Rollout'] as const).flatMap((one) =>
    landscape.within(one, metadata.namespace),
  );
  return workloads.find((one) => one.kind === kind && one.metadata.name === metadata.name)?.spec.replicas ?? 1;
}
