/** A taint as kubeadm and the API spell it. */
export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

/** A host that joins the cluster. */
export interface LabNode {
  readonly name: string;
  readonly role: 'control-plane' | 'worker';
  readonly address: string;
  /** Addresses of its Pods, a part of the network's `podSubnet`. */
  readonly podSubnet: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** How many GPUs the stand-in device plugin announces here. */
  readonly gpus: number;
}

/** The host outside: every node's default gateway, its DNS, and all that sandboxes may or may not reach. */
export interface OutsideHost {
  readonly name: string;
  readonly address: string;
  /** A public address and its name; the only name that the lab's DNS knows. */
  readonly internet: { readonly address: string; readonly name: string };
  /** Addresses that no sandbox may reach: private ones, cloud metadata, the operator's own networks. */
  readonly forbidden: readonly string[];
}

/** Loopback ports of this machine that lead into the lab, as seen from the host outside. */
export interface LabPorts {
  /** The API server. */
  readonly api: number;
  /** The terminal: NodePort 31000 of the first node. */
  readonly web: number;
}

/** One lab as data. Nothing below it invents a name, an address or a port. */
export interface Inventory {
  /** Names the lab's namespaces and cgroups, so that two labs do not meet. */
  readonly name: string;
  readonly nodeSubnet: string;
  readonly podSubnet: string;
  readonly serviceSubnet: string;
  readonly outside: OutsideHost;
  readonly ports: LabPorts;
  /** The nodes that a start brings up; the first is the control plane. */
  readonly nodes: readonly LabNode[];
  /** Nodes that may join afterwards, in this order. */
  readonly spare: readonly LabNode[];
}

const gpuWorker = (product: string): Pick<LabNode, 'role' | 'labels' | 'taints' | 'gpus'> => ({
  role: 'worker',
  labels: { 'nvidia.com/gpu.present': 'true', 'nvidia.com/gpu.product': product },
  taints: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }],
  gpus: 4,
});

/**
 * The addresses are those that the committed manifests name (RFC 5737 documentation addresses for the nodes, the defaults
 * of k3s for Pods and Services), so that `kubectl apply -f cdk8s.out` needs no change here.
 */
const NODES: readonly LabNode[] = [
  {
    name: 'master',
    role: 'control-plane',
    address: '192.0.2.10',
    podSubnet: '10.42.0.0/24',
    labels: {},
    taints: [],
    gpus: 0,
  },
  { name: 'worker-t4', address: '192.0.2.11', podSubnet: '10.42.1.0/24', ...gpuWorker('T4') },
  { name: 'worker-a2', address: '192.0.2.12', podSubnet: '10.42.2.0/24', ...gpuWorker('A2') },
  { name: 'worker-t4-2', address: '192.0.2.13', podSubnet: '10.42.3.0/24', ...gpuWorker('T4') },
];

/** How many nodes `--nodes` may ask for. */
export const MOST_NODES = NODES.length;

/** What differs between labs of one machine. */
export interface LabChoice {
  /** @default lab */
  readonly name?: string;
  /** The control plane and the first workers of the table. @default 1 */
  readonly nodes?: number;
  /** @default api 36443, web 31000 */
  readonly ports?: LabPorts;
}

/** The lab of that name and size. Throws a `RangeError` naming each wrong value. */
export function inventory({ name = 'lab', nodes = 1, ports = { api: 36443, web: 31000 } }: LabChoice): Inventory {
  const isPort = (port: number): boolean => Number.isInteger(port) && port > 0 && port < 65536;
  const wrong = [
    ...(/^[a-z][a-z0-9]{0,11}$/.test(name) ? [] : [`--name ${name}: want 1 to 12 lower-case letters and digits`]),
    ...(Number.isInteger(nodes) && nodes >= 1 && nodes <= MOST_NODES
      ? []
      : [`--nodes ${nodes}: want a whole number from 1 to ${MOST_NODES}`]),
    ...(isPort(ports.api) ? [] : [`--api-port ${ports.api}: want a port from 1 to 65535`]),
    ...(isPort(ports.web) ? [] : [`--web-port ${ports.web}: want a port from 1 to 65535`]),
    ...(ports.api === ports.web ? [`--web-port ${ports.web}: is the API server's port too`] : []),
  ];
  if (wrong.length > 0) throw new RangeError(wrong.join('\n'));
  return {
    name,
    nodeSubnet: '192.0.2.0/24',
    podSubnet: '10.42.0.0/16',
    serviceSubnet: '10.43.0.0/16',
    outside: {
      name: 'outside',
      address: '192.0.2.254',
      internet: { address: '203.0.113.10', name: 'internet.test' },
      forbidden: ['192.168.50.10', '10.99.0.10', '172.20.0.10', '100.64.0.10', '198.51.100.10', '169.254.169.254'],
    },
    ports,
    nodes: NODES.slice(0, nodes),
    spare: NODES.slice(nodes),
  };
}
