import type { RouteDestination } from './custom-manifest.js';
import type { Landscape, ReadKinds } from './landscape.js';
import type { Manifest } from './manifest.js';
import type { Rule, Violation } from './rule.js';

/** Routes of the mesh lead somewhere, and each share of the traffic has one owner. */
export const MESH_RULES: readonly Rule[] = [
  { name: 'route-leads-somewhere', check: checkDestinations },
  {
    name: 'route-shares',
    *check(landscape) {
      for (const manifest of landscape.of('VirtualService'))
        for (const { name, route } of manifest.spec.http) {
          const total = route.reduce((sum, { weight = route.length === 1 ? 100 : 0 }) => sum + weight, 0);
          if (total !== 100) yield { manifest, message: `route ${name}: weights make ${total}, want 100` };
        }
    },
  },
  { name: 'share-has-pods', check: checkShares },
  { name: 'share-has-one-owner', check: checkOwners },
  {
    name: 'route-is-alone',
    *check(landscape) {
      const seen = new Set<string>();
      for (const manifest of landscape.of('VirtualService'))
        for (const match of manifest.spec.http.flatMap((route) => route.match ?? [])) {
          const prefix = match.uri?.prefix;
          for (const host of prefix === undefined ? [] : manifest.spec.hosts) {
            const key = `${host}${prefix ?? ''}`;
            if (seen.has(key)) yield { manifest, message: `another VirtualService has ${key} as well` };
            seen.add(key);
          }
        }
    },
  },
  {
    name: 'port-says-protocol',
    *check(landscape) {
      for (const manifest of landscape.of('Service'))
        for (const { name = '', port } of landscape.inMesh(manifest.metadata.namespace) ? manifest.spec.ports : [])
          if (!/^(http|http2|https|grpc|tcp|tls)(-|$)/.test(name))
            yield { manifest, message: `port ${port} is named "${name}": the mesh tells protocols by names` };
    },
  },
];

function* checkDestinations(landscape: Landscape): Iterable<Violation> {
  for (const manifest of landscape.of('VirtualService')) {
    for (const gateway of manifest.spec.gateways) {
      const [namespace = '', name = ''] = gateway.split('/');
      if (gateway !== 'mesh' && !landscape.exists('Gateway', name, namespace))
        yield { manifest, message: `gateway "${gateway}" is neither rendered nor external` };
    }
    for (const { destination } of destinations(manifest)) {
      const service = serviceOf(landscape, destination.host);
      const { host, port, subset } = destination;
      if (!service) yield { manifest, message: `destination "${host}" is no Service` };
      else if (port && !service.spec.ports.some((one) => one.port === port.number))
        yield { manifest, message: `destination "${host}" has no port ${port.number}` };
      if (subset !== undefined && !subsetLabels(landscape, host, subset))
        yield { manifest, message: `no DestinationRule has subset "${subset}" of "${host}"` };
    }
  }
}

/** A share above nothing goes to Pods that somebody makes: the Service's, with the subset's labels. */
function* checkShares(landscape: Landscape): Iterable<Violation> {
  for (const manifest of landscape.of('VirtualService'))
    for (const { destination, weight = 100 } of destinations(manifest)) {
      const { host, subset } = destination;
      const service = serviceOf(landscape, host);
      if (weight === 0 || !service) continue;
      const labels = { ...service.spec.selector, ...(subset !== undefined && subsetLabels(landscape, host, subset)) };
      if (landscape.selected(service.metadata.namespace, labels).length === 0)
        yield {
          manifest,
          message: `${weight} % go to "${subset ?? host}", and no Pod template has ${JSON.stringify(labels)}`,
        };
    }
}

/** Where a Rollout sets the shares, git starts from all for `stable`, names real routes, and nobody sets them back. */
function* checkOwners(landscape: Landscape): Iterable<Violation> {
  for (const manifest of landscape.of('Rollout')) {
    const istio = manifest.spec.strategy.canary?.trafficRouting?.istio;
    if (!istio) continue;
    const { name, routes = [] } = istio.virtualService;
    const { namespace } = manifest.metadata;
    const route = landscape
      .of('VirtualService')
      .find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
    if (!route) {
      yield { manifest, message: `its VirtualService "${name}" is not rendered` };
      continue;
    }
    for (const missing of routes.filter((one) => !route.spec.http.some((http) => http.name === one)))
      yield { manifest, message: `VirtualService "${name}" has no route "${missing}"` };
    for (const { destination, weight } of destinations(route)) {
      const wanted = destination.subset === istio.destinationRule?.stableSubsetName ? 100 : 0;
      if (weight !== wanted)
        yield {
          manifest: route,
          message: `git says ${weight ?? 0} for "${destination.subset ?? ''}", and a Rollout owns it: want ${wanted}`,
        };
    }
    const left = landscape
      .of('Application')
      .some(({ spec }) => spec.ignoreDifferences?.some((one) => one.kind === 'VirtualService' && one.name === name));
    if (!left) yield { manifest, message: `no Application leaves the weights of "${name}" to it` };
  }
}

function destinations({ spec }: ReadKinds['VirtualService']): readonly RouteDestination[] {
  return spec.http.flatMap(({ route }) => route);
}

/** The Service of a full name `name.namespace.svc.cluster.local`. */
function serviceOf(landscape: Landscape, host: string): ReadKinds['Service'] | undefined {
  return landscape.of('Service').find(({ metadata }) => host === fullName(metadata));
}

function fullName({ name, namespace = '' }: Manifest['metadata']): string {
  return `${name}.${namespace}.svc.cluster.local`;
}

function subsetLabels(landscape: Landscape, host: string, subset: string) {
  return landscape
    .of('DestinationRule')
    .filter(({ spec }) => spec.host === host)
    .flatMap(({ spec }) => spec.subsets ?? [])
    .find(({ name }) => name === subset)?.labels;
}
