import { VMWARE_LAB } from '../../charts/clusters/vmware-lab/inventory.js';
import { describeProblem } from '../../charts/model/problem.js';
import { nthAddress } from '../../charts/nodes/address.js';
import { checkInventory } from '../../charts/nodes/inventory-checks.js';
import type { Host, Inventory } from '../../charts/nodes/inventory.js';
import { LAB_INVENTORY } from './inventory.js';

/** The inventories of kubeadm clusters that can be brought up here. */
const INVENTORIES = { lab: LAB_INVENTORY, 'vmware-lab': VMWARE_LAB } as const satisfies Record<string, Inventory>;
export type InventoryName = keyof typeof INVENTORIES;

/** The host outside: every node's default gateway, its DNS, and all that sandboxes may or may not reach. */
export interface OutsideHost {
  readonly name: string;
  /** The gateway's, which Pods see as the way out. */
  readonly address: string;
  /** Where the nodes ask for names. */
  readonly dns: readonly string[];
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

/** One lab: the machines as an inventory, and what is around them on this machine. */
export interface LabPlan {
  /** Names the lab's namespaces and cgroups, so that two labs do not meet. */
  readonly name: string;
  /** A start brings up its running hosts; planned ones may join afterwards, in their order. */
  readonly inventory: Inventory;
  readonly outside: OutsideHost;
  readonly ports: LabPorts;
}

/** What differs between labs of one machine. */
export interface LabChoice {
  /** @default lab */
  readonly name?: string;
  /** @default lab */
  readonly inventory?: InventoryName;
  /** The control plane and the first workers of the inventory. @default 1 of `lab`, all of another */
  readonly nodes?: number;
  /** @default api 36443, web 31000 */
  readonly ports?: LabPorts;
}

/** How many nodes `--nodes` may ask for. */
export const MOST_NODES = LAB_INVENTORY.hosts.length;

/** The lab of that name and size. Throws a `RangeError` naming each wrong value. */
export function labPlan({
  name = 'lab',
  inventory: wanted = 'lab',
  nodes,
  ports = { api: 36443, web: 31000 },
}: LabChoice): LabPlan {
  const known = Object.hasOwn(INVENTORIES, wanted);
  const inventory = known ? INVENTORIES[wanted] : LAB_INVENTORY;
  const most = inventory.hosts.length;
  const count = nodes ?? (inventory === LAB_INVENTORY ? 1 : most);
  const isPort = (port: number): boolean => Number.isInteger(port) && port > 0 && port < 65536;
  const wrong = [
    ...(/^[a-z][a-z0-9]{0,11}$/.test(name) ? [] : [`--name ${name}: want 1 to 12 lower-case letters and digits`]),
    ...(known ? [] : [`--inventory ${wanted}: want one of ${Object.keys(INVENTORIES).join(', ')}`]),
    ...(Number.isInteger(count) && count >= 1 && count <= most
      ? []
      : [`--nodes ${count}: want a whole number from 1 to ${most}`]),
    ...(isPort(ports.api) ? [] : [`--api-port ${ports.api}: want a port from 1 to 65535`]),
    ...(isPort(ports.web) ? [] : [`--web-port ${ports.web}: want a port from 1 to 65535`]),
    ...(ports.api === ports.web ? [`--web-port ${ports.web}: is the API server's port too`] : []),
  ];
  if (wrong.length > 0) throw new RangeError(wrong.join('\n'));
  const problems = checkInventory(inventory).map(describeProblem);
  if (problems.length > 0) throw new RangeError(problems.join('\n'));
  const hosts = inventory.hosts.map((host, at) => ({
    ...host,
    state: at < count ? ('running' as const) : ('planned' as const),
  }));
  return { name, inventory: { ...inventory, hosts }, outside: outsideOf(inventory), ports };
}

/** The nodes that a lab has; the first is the control plane. */
export function nodesOf({ inventory }: LabPlan): readonly Host[] {
  return inventory.hosts.filter(({ state }) => state === 'running');
}

/** The nodes that may join a lab. */
export function spareOf({ inventory }: LabPlan): readonly Host[] {
  return inventory.hosts.filter(({ state }) => state === 'planned');
}

function outsideOf({ networks, extraCidrs }: Inventory): OutsideHost {
  const { gateway = '', dns = [] } = networks.find((network) => network.gateway !== undefined) ?? {};
  const operators = extraCidrs.map((cidr) => nthAddress(cidr, 10));
  return {
    name: 'outside',
    address: gateway,
    dns,
    internet: { address: '203.0.113.10', name: 'internet.test' },
    forbidden: ['192.168.50.10', '10.200.0.10', '172.20.0.10', '100.64.0.10', ...operators, '169.254.169.254'],
  };
}
