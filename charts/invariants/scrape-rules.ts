import type { Landscape, PodSource } from './landscape.js';
import { containersOf, matches } from './landscape.js';
import type { Manifest } from './manifest.js';
import { allowed } from './reachability.js';
import type { Rule, Violation } from './rule.js';

/** The port of the mesh's own metrics, which its sidecar serves in the clear. */
const SIDECAR_PORTS: Readonly<Record<string, number>> = { 'http-envoy-prom': 15090 };

/** Whatever Prometheus is told to read, it can. */
export const SCRAPE_RULES: readonly Rule[] = [
  {
    name: 'scrape-target-is-reachable',
    *check(landscape) {
      for (const { manifest, source, port } of targets(landscape)) {
        const number = numberOf(source, port);
        if (!source) yield { manifest, message: 'selects nothing' };
        else if (number === undefined)
          yield { manifest, message: `${source.manifest.metadata.name} has no port "${port}"` };
        else yield* unreachable(landscape, manifest, source, number);
      }
    },
  },
];

interface Target {
  readonly manifest: Manifest;
  readonly source: PodSource | undefined;
  readonly port: string;
}

function* targets(landscape: Landscape): Iterable<Target> {
  for (const manifest of landscape.of('ServiceMonitor')) {
    const { selector, endpoints } = manifest.spec;
    for (const { port } of endpoints) {
      const services = landscape.of('Service').filter(({ metadata, spec }) => {
        const here = metadata.namespace === manifest.metadata.namespace;
        return (
          here && matches(selector.matchLabels, metadata.labels ?? {}) && spec.ports.some(({ name }) => name === port)
        );
      });
      const sources = services.flatMap(({ metadata, spec }) =>
        landscape.selected(metadata.namespace, spec.selector ?? {}),
      );
      for (const source of sources.length > 0 ? sources : [undefined]) yield { manifest, source, port };
    }
  }
  for (const manifest of landscape.of('PodMonitor')) {
    const { namespaceSelector, selector, podMetricsEndpoints } = manifest.spec;
    const namespaces = namespaceSelector?.matchNames ?? [manifest.metadata.namespace ?? ''];
    for (const { port } of podMetricsEndpoints) {
      const sources = namespaces.flatMap((namespace) => landscape.selected(namespace, selector.matchLabels));
      for (const source of sources.length > 0 ? sources : [undefined]) yield { manifest, source, port };
    }
  }
}

function* unreachable(landscape: Landscape, manifest: Manifest, source: PodSource, port: number): Iterable<Violation> {
  const { namespace = '', name } = source.manifest.metadata;
  const { labels = {}, annotations = {} } = source.template.metadata ?? {};
  const left = (annotations['traffic.sidecar.istio.io/excludeInboundPorts'] ?? '').split(',').map(Number);
  const strict = landscape.of('PeerAuthentication').some(({ spec }) => spec.mtls.mode === 'STRICT');
  if (strict && landscape.inMesh(namespace) && ![...left, ...Object.values(SIDECAR_PORTS)].includes(port))
    yield { manifest, message: `${name}:${port} wants a certificate of the mesh, and Prometheus has none` };
  for (const prometheus of landscape.of('Prometheus')) {
    const from = { namespace: prometheus.metadata.namespace ?? '', labels: { 'app.kubernetes.io/name': 'prometheus' } };
    if (!allowed(landscape, { from, to: { namespace, labels }, port }))
      yield { manifest, message: `no NetworkPolicy lets Prometheus reach ${name}:${port}` };
  }
}

function numberOf(source: PodSource | undefined, port: string): number | undefined {
  if (!source) return undefined;
  const ports = containersOf(source.template).flatMap((container) => container.ports ?? []);
  return ports.find(({ name }) => name === port)?.containerPort ?? SIDECAR_PORTS[port];
}
