import { isCidr, overlap } from './cidr.js';
import { isIP } from 'node:net';
import { isObjectName, OBJECT_NAME_RULE } from './object-name.js';
import { parseQuantity } from './quantity.js';
import type { Problem } from './problem.js';
import { Findings } from './problem.js';

/** Parts of a cluster that manifests lean on: an Ingress class, a PVC class, an HPA and DNS each need theirs. */
export const COMPONENTS = ['coredns', 'traefik', 'metrics-server', 'local-path'] as const;
export type Component = (typeof COMPONENTS)[number];

/** A cluster as data: what is true of it before Berth renders anything. */
export interface Cluster {
  readonly name: string;
  /** E.g. `dev`, `prod`; with the name it is the heading of every complaint about this cluster. */
  readonly environment: string;
  /** The exact Kubernetes version, e.g. `v1.34.4+k3s1`. */
  readonly version: string;
  readonly network: ClusterNetwork;
  readonly nodes: readonly ClusterNode[];
  readonly components: readonly Component[];
  /** Objects that manifests refer to and that somebody else makes. */
  readonly external: readonly ExternalObject[];
}

/** Where the cluster's addresses are; everything here is out of bounds for sandboxes. */
export interface ClusterNetwork {
  /** One IPv4 network, and an IPv6 one where the cluster is dual-stack. */
  readonly podCidrs: readonly string[];
  /** As the Pods' networks. The API server is the first address of the first. */
  readonly serviceCidrs: readonly string[];
  /** The networks of the nodes' own addresses. */
  readonly nodeCidrs: readonly string[];
  /** More networks of the operator's that no sandbox may reach, e.g. hypervisor management. */
  readonly extraCidrs: readonly string[];
  /** TCP port of the API server on its nodes. */
  readonly apiServerPort: number;
}

/** A machine of the cluster. Sizes are Kubernetes quantities of the whole machine. */
export interface ClusterNode {
  readonly name: string;
  readonly address: string;
  readonly cpu: string;
  readonly memory: string;
  readonly disk: string;
  /** How many Pods its kubelet takes; Kubernetes' own default is 110. */
  readonly maxPods: number;
  /** What the system keeps for itself: nothing of ours is promised from it. */
  readonly reserved: { readonly cpu: string; readonly memory: string };
  /** What Pods choose it by. @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** What keeps Pods off that do not tolerate it, all `NoSchedule`. @default none */
  readonly taints?: readonly { readonly key: string; readonly value?: string }[];
}

/** An object that exists, or may exist, without us. */
export interface ExternalObject {
  readonly kind: string;
  readonly name: string;
  /** `*`: in every namespace. @default none: a cluster-scoped object */
  readonly namespace?: string;
  /** Who makes it. */
  readonly from: string;
}

const CIDR_FIELDS = ['nodeCidrs', 'podCidrs', 'serviceCidrs', 'extraCidrs'] as const;

/** Every network of the cluster that a sandbox must not reach. */
export function ownCidrs({ network }: Cluster): readonly string[] {
  return CIDR_FIELDS.flatMap((field) => network[field]);
}

/** Everything wrong with a cluster's data. */
export function checkCluster(cluster: Cluster): readonly Problem[] {
  const findings = new Findings();
  const { network, nodes } = cluster;
  findings.need(isObjectName(cluster.name), 'name', cluster.name, OBJECT_NAME_RULE);
  findings.need(isObjectName(cluster.environment), 'environment', cluster.environment, OBJECT_NAME_RULE);
  const exact = /^v\d+\.\d+\.\d+(\+k3s\d+)?$/.test(cluster.version);
  findings.need(exact, 'version', cluster.version, 'want an exact version, e.g. v1.34.4+k3s1');

  const named = CIDR_FIELDS.flatMap((field) =>
    network[field].map((cidr, index) => [`network.${field}[${index}]`, cidr] as const),
  );
  for (const [field, cidr] of named)
    findings.need(isCidr(cidr), field, cidr, 'want a network in CIDR notation without host bits');
  named.forEach(([field, cidr], index) => {
    const clash = named.slice(0, index).find(([, other]) => overlap(cidr, other));
    findings.need(clash === undefined, field, cidr, `must not overlap ${clash?.join(' = ') ?? ''}`);
  });
  for (const field of ['nodeCidrs', 'podCidrs', 'serviceCidrs'] as const) {
    const ipv4 = network[field][0]?.includes(':') === false;
    findings.need(ipv4, `network.${field}`, network[field], 'want at least one network, an IPv4 one first');
  }
  findings.need(isPort(network.apiServerPort), 'network.apiServerPort', network.apiServerPort, PORT_RULE);

  findings.need(nodes.length > 0, 'nodes', nodes, 'want at least one node');
  findings.unique(
    nodes.map(({ name }) => name),
    'nodes.name',
  );
  findings.unique(
    nodes.map(({ address }) => address),
    'nodes.address',
  );
  nodes.forEach((node, index) => {
    const field = `nodes[${index}]`;
    findings.need(isObjectName(node.name), `${field}.name`, node.name, OBJECT_NAME_RULE);
    findings.need(isIP(node.address) !== 0, `${field}.address`, node.address, 'want an IP address');
    const inside = network.nodeCidrs.some((cidr) =>
      overlap(cidr, `${node.address}/${isIP(node.address) === 6 ? 128 : 32}`),
    );
    findings.need(inside, `${field}.address`, node.address, 'must lie in one of network.nodeCidrs');
    for (const size of ['cpu', 'memory', 'disk'] as const)
      findings.need(parseQuantity(node[size]) > 0, `${field}.${size}`, node[size], 'want a quantity above 0');
    const counted = Number.isInteger(node.maxPods) && node.maxPods > 0;
    findings.need(counted, `${field}.maxPods`, node.maxPods, 'want a whole number above 0');
    for (const size of ['cpu', 'memory'] as const) {
      const less = parseQuantity(node.reserved[size]) < parseQuantity(node[size]);
      findings.need(less, `${field}.reserved.${size}`, node.reserved[size], 'want a quantity below the whole');
    }
  });
  findings.unique(cluster.components, 'components');
  cluster.components.forEach((component, index) =>
    findings.need(
      COMPONENTS.includes(component),
      `components[${index}]`,
      component,
      `want one of ${COMPONENTS.join(', ')}`,
    ),
  );
  return findings.problems;
}

/** Whether `port` is a TCP or UDP port. */
export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65535;
}

/** What is asked of a port, for people. */
export const PORT_RULE = 'want a whole number from 1 to 65535';
