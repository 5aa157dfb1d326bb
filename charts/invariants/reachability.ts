import { contains, hostCidr } from '../model/cidr.js';
import type { Landscape } from './landscape.js';
import { matches } from './landscape.js';
import type { Labels, NetworkRule } from './manifest.js';

/** One end of a connection: a Pod, or an address outside. */
export type End = { readonly namespace: string; readonly labels: Labels } | { readonly address: string };

export interface Connection {
  readonly from: End;
  readonly to: End;
  readonly port: number;
  /** @default TCP */
  readonly protocol?: 'TCP' | 'UDP';
}

/** Whether the rendered NetworkPolicies let a connection through, as Kubernetes defines them; Pods of other namespaces are open. */
export function allowed(landscape: Landscape, { from, to, port, protocol = 'TCP' }: Connection): boolean {
  const opens = (rules: readonly NetworkRule[], side: 'from' | 'to', peer: End) =>
    rules.some((rule) => {
      const ports = rule.ports ?? [{ port, protocol }];
      const peers = rule[side];
      return (
        ports.some((one) => one.port === port && one.protocol === protocol) &&
        (!peers || peers.some((one) => isPeer(landscape, one, peer)))
      );
    });
  const egress = policies(landscape, from, 'Egress');
  const ingress = policies(landscape, to, 'Ingress');
  return (
    (egress.length === 0 || egress.some(({ spec }) => opens(spec.egress ?? [], 'to', to))) &&
    (ingress.length === 0 || ingress.some(({ spec }) => opens(spec.ingress ?? [], 'from', from)))
  );
}

function policies(landscape: Landscape, end: End, type: 'Ingress' | 'Egress') {
  if ('address' in end) return [];
  return landscape
    .of('NetworkPolicy')
    .filter(
      ({ metadata, spec }) =>
        metadata.namespace === end.namespace &&
        spec.policyTypes.includes(type) &&
        matches(spec.podSelector.matchLabels ?? {}, end.labels),
    );
}

function isPeer(landscape: Landscape, peer: NonNullable<NetworkRule['to']>[number], end: End): boolean {
  if ('address' in end) {
    const [address, { cidr = '', except = [] }] = [hostCidr(end.address), peer.ipBlock ?? {}];
    return contains(cidr, address) && !except.some((block) => contains(block, address));
  }
  if (peer.ipBlock) return false;
  const found = landscape.of('Namespace').find(({ metadata }) => metadata.name === end.namespace);
  const labels = { ...found?.metadata.labels, 'kubernetes.io/metadata.name': end.namespace };
  const here = matches(peer.namespaceSelector?.matchLabels ?? {}, labels);
  return here && matches(peer.podSelector?.matchLabels ?? {}, end.labels);
}
