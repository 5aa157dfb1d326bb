import { firstAddress, hostCidr } from '../model/cidr.js';
import type { Cluster } from '../model/cluster.js';
import { ownCidrs } from '../model/cluster.js';
import type { AddressPeer, Flow, Peer, PodPeer } from './traffic.js';

/** The Pods of the cluster's DNS, in every distribution. */
export const KUBE_DNS: PodPeer = { name: 'kube-dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };

/** The Pods of k3s's Ingress controller. */
export const TRAEFIK: PodPeer = {
  name: 'traefik',
  namespace: 'kube-system',
  labels: { 'app.kubernetes.io/name': 'traefik' },
};

/** Lets Pods ask the cluster's DNS, and no other. */
export function dnsFlow(from: readonly Peer[]): Flow {
  const ports = [
    { port: 53, protocol: 'UDP' },
    { port: 53, protocol: 'TCP' },
  ] as const;
  return { why: 'names: the cluster DNS and no other', from, to: [KUBE_DNS], ports };
}

/**
 * Lets Pods call the Kubernetes API: at the Service's address, and at the nodes, because most network policy controllers
 * look at a packet after the Service's address has been replaced.
 */
export function apiServerFlows({ network }: Cluster, from: readonly Peer[]): readonly Flow[] {
  const service = hostCidr(firstAddress(network.serviceCidrs[0] ?? ''));
  const why = 'the Kubernetes API';
  return [
    { why, from, to: [{ cidr: service }], ports: [{ port: 443 }] },
    { why, from, to: network.nodeCidrs.map((cidr) => ({ cidr })), ports: [{ port: network.apiServerPort }] },
  ];
}

/** IPv4 that is not the internet: private (RFC 1918), shared (RFC 6598), link-local with cloud metadata, loopback, reserved. */
const NOT_INTERNET_IPV4 = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '0.0.0.0/8',
  '127.0.0.0/8',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/**
 * The same for IPv6, with every way to write an IPv4 address in it: unique local, link-local, old site-local, mapped,
 * NAT64 (well-known and local), 6to4, Teredo, loopback, multicast.
 */
const NOT_INTERNET_IPV6 = [
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  '::/96',
  '::ffff:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '2002::/16',
  '2001::/32',
  'ff00::/8',
];

/**
 * The internet and nothing nearer: neither the cluster's own networks nor any private one. A cluster without IPv6 Pods
 * gets no IPv6 block at all, which denies all of IPv6 (and older policy controllers misread one there).
 */
export function internet(cluster: Cluster): readonly AddressPeer[] {
  const own = ownCidrs(cluster);
  const [v4, v6] = [own.filter((cidr) => !cidr.includes(':')), own.filter((cidr) => cidr.includes(':'))];
  const dualStack = cluster.network.podCidrs.some((cidr) => cidr.includes(':'));
  return [
    { cidr: '0.0.0.0/0', except: [...v4, ...NOT_INTERNET_IPV4] },
    ...(dualStack ? [{ cidr: '::/0', except: [...v6, ...NOT_INTERNET_IPV6] }] : []),
  ];
}
