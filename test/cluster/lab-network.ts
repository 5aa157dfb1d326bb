import { run, succeeds } from './command.js';
import type { Inventory, LabNode } from './inventory.js';

const SWITCH = 'switch';

/** The switch's end of a host's cable; interface names have 15 characters at most. */
const portOf = (address: string): string => `p${address.split('.').at(-1) ?? ''}`;

/** The name of a host's network namespace, as `ip netns` lists it. */
export function namespaceName(lab: string, host: string): string {
  return `berth-${lab}-${host}`;
}

/** Path of a host's network namespace. */
export function namespacePath(lab: string, host: string): string {
  return `/run/netns/${namespaceName(lab, host)}`;
}

/** The network namespaces that a lab has now; also those of one that was not stopped. */
export async function namespacesOf(lab: string): Promise<readonly string[]> {
  const listed = await run('ip', ['netns', 'list']);
  return listed.split('\n').flatMap((line) => {
    const [name = ''] = line.split(' ');
    return name.startsWith(`berth-${lab}-`) ? [name] : [];
  });
}

async function ip(lab: string, host: string, ...commands: readonly string[]): Promise<void> {
  await run('ip', ['-n', namespaceName(lab, host), '-batch', '-'], { input: `${commands.join('\n')}\n` });
}

async function sysctl(lab: string, host: string, setting: string): Promise<void> {
  await run('nsenter', [`--net=${namespacePath(lab, host)}`, 'sysctl', '-qw', setting]);
}

/** The lab's switch, and on it the host outside, which every node takes for the way to everywhere else. */
export async function makeNetwork(lab: Inventory): Promise<void> {
  const { name, outside } = lab;
  await run('ip', ['netns', 'add', namespaceName(name, SWITCH)]);
  await ip(name, SWITCH, 'link set lo up', 'link add br0 type bridge', 'link set br0 up');
  await attach(lab, outside.name, outside.address);
  const addresses = [outside.internet.address, ...outside.forbidden];
  await ip(name, outside.name, ...addresses.map((address) => `address add ${address}/32 dev lo`));
  // Pods reach the outside with their own addresses: answers must find the way back, and nodes must not hide one Pod's
  // address from another's policies.
  for (const node of [...lab.nodes, ...lab.spare]) await routePods(lab, outside.name, node);
  await sysctl(name, outside.name, `net.ipv4.conf.all.rp_filter=0`);
}

/** Plugs a host into the switch, in a network namespace of its own; made anew, as after a reboot, if it was there. */
async function attach(lab: Inventory, host: string, address: string): Promise<void> {
  const { name, nodeSubnet } = lab;
  const port = portOf(address);
  const prefix = nodeSubnet.split('/')[1] ?? '24';
  await unplug(name, host, port);
  await run('ip', ['netns', 'add', namespaceName(name, host)]);
  await ip(name, SWITCH, `link add ${port} type veth peer name eth0 netns ${namespaceName(name, host)}`);
  await ip(name, SWITCH, `link set ${port} master br0 up`);
  await ip(name, host, 'link set lo up', `address add ${address}/${prefix} dev eth0`, 'link set eth0 up');
  await sysctl(name, host, 'net.ipv4.ip_forward=1');
}

async function unplug(lab: string, host: string, port: string): Promise<void> {
  if (!(await namespacesOf(lab)).includes(namespaceName(lab, host))) return;
  await run('ip', ['netns', 'delete', namespaceName(lab, host)]);
  await succeeds('ip', ['-n', namespaceName(lab, SWITCH), 'link', 'delete', port]);
}

async function routePods(lab: Inventory, host: string, to: LabNode): Promise<void> {
  await ip(lab.name, host, `route replace ${to.podSubnet} via ${to.address}`);
}

/** Gives a node its network: an address on the switch, and ways to the others' Pods and to the outside. */
export async function attachNode(lab: Inventory, node: LabNode): Promise<void> {
  await attach(lab, node.name, node.address);
  await ip(lab.name, node.name, `route add default via ${lab.outside.address}`);
  for (const other of [...lab.nodes, ...lab.spare])
    if (other.name !== node.name) await routePods(lab, node.name, other);
}

/** Takes a node's network away, and its port on the switch. */
export async function detachNode(lab: Inventory, node: LabNode): Promise<void> {
  await unplug(lab.name, node.name, portOf(node.address));
}

/** Pulls a host's plug, or puts it back. Nothing on the host is told. */
export async function setPlugged(lab: Inventory, node: LabNode, plugged: boolean): Promise<void> {
  await ip(lab.name, SWITCH, `link set ${portOf(node.address)} ${plugged ? 'up' : 'down'}`);
}

/** Takes away all network namespaces of a lab, and with them their interfaces, routes and rules. */
export async function removeNetwork(lab: string): Promise<void> {
  for (const name of await namespacesOf(lab)) await run('ip', ['netns', 'delete', name]);
}
