import type { Host, Inventory } from '../../charts/nodes/inventory.js';
import { networkOf, nodeAddress } from '../../charts/nodes/inventory.js';
import { prefixOf } from '../../charts/nodes/address.js';
import { run, succeeds } from './command.js';
import type { LabPlan } from './lab-plan.js';
import { laysRoutes, podPart } from './pod-network.js';

/** The name of a network's switch; interface names have 15 characters at most. */
const switchOf = (network: string): string => `switch-${network}`;
/** The switch's end of a host's cable. */
const portOf = (host: string): string => `p-${host}`.slice(0, 15);

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

/** Runs a program in a host's network, whether the host is up or not. */
export async function inNetwork(lab: string, host: string, command: readonly string[], input = ''): Promise<string> {
  return run('nsenter', [`--net=${namespacePath(lab, host)}`, ...command], { input });
}

/**
 * The inventory's networks, each a switch of its own that counts packets with Pods in them; and on all of them the host
 * outside, with the addresses of hypervisor and gateway, which every node takes for the way to everywhere else.
 */
export async function makeNetwork({ name: lab, inventory, outside }: LabPlan): Promise<void> {
  await run('ip', ['netns', 'add', namespaceName(lab, outside.name)]);
  await ip(lab, outside.name, 'link set lo up');
  for (const { name, cidr, hypervisorAddress, gateway } of inventory.networks) {
    await run('ip', ['netns', 'add', namespaceName(lab, switchOf(name))]);
    await ip(lab, switchOf(name), 'link set lo up', 'link add br0 type bridge', 'link set br0 up');
    const nic = `vm-${name}`.slice(0, 15);
    await plug(lab, name, outside.name, nic);
    for (const address of [hypervisorAddress, gateway])
      if (address !== undefined) await ip(lab, outside.name, `address add ${address}/${prefixOf(cidr)} dev ${nic}`);
    await inNetwork(lab, switchOf(name), ['nft', '-f', '-'], counters(inventory));
  }
  const others = [outside.internet.address, ...outside.dns, ...outside.forbidden];
  const own = inventory.networks.map(({ gateway }) => gateway);
  for (const address of others.filter((each) => !own.includes(each)))
    await ip(lab, outside.name, `address add ${address}/32 dev lo`);
  // Where Pods reach the outside with their own addresses, answers must find the way back.
  if (laysRoutes(inventory)) await routePods(lab, inventory, outside.name, inventory.hosts);
  await inNetwork(lab, outside.name, ['sysctl', '-qw', 'net.ipv4.conf.all.rp_filter=0']);
}

/** Plugs a host into the switch of a network. */
async function plug(lab: string, network: string, host: string, nic: string): Promise<void> {
  const port = portOf(host);
  await ip(lab, switchOf(network), `link add ${port} type veth peer name ${nic} netns ${namespaceName(lab, host)}`);
  await ip(lab, switchOf(network), `link set ${port} master br0 up`);
  await ip(lab, host, `link set ${nic} up`);
}

async function routePods(lab: string, inventory: Inventory, from: string, to: readonly Host[]): Promise<void> {
  const routes = to.map((host) => `route replace ${podPart(inventory, host)} via ${nodeAddress(inventory, host)}`);
  await ip(lab, from, ...routes);
}

/**
 * Gives a node its network, made anew if it was there, as after a reboot: its interfaces with their addresses, the way out,
 * and, where the lab lays them, the ways to the others' Pods. It forwards nothing before it is told to.
 */
export async function attachNode(plan: LabPlan, node: Host): Promise<void> {
  const { name: lab, inventory } = plan;
  await detachNode(plan, node);
  await run('ip', ['netns', 'add', namespaceName(lab, node.name)]);
  await ip(lab, node.name, 'link set lo up');
  for (const nic of node.nics) {
    const network = networkOf(inventory, nic);
    if (network === undefined) continue;
    await plug(lab, network.name, node.name, nic.name);
    await ip(lab, node.name, `address add ${nic.address}/${prefixOf(network.cidr)} dev ${nic.name}`);
    if (network.gateway !== undefined) await ip(lab, node.name, `route add default via ${network.gateway}`);
  }
  await inNetwork(lab, node.name, ['sysctl', '-qw', 'net.ipv4.ip_forward=0']);
  const others = inventory.hosts.filter(({ name }) => name !== node.name);
  if (laysRoutes(inventory)) await routePods(lab, inventory, node.name, others);
}

/** Takes a node's network away, and its ports on the switches. */
export async function detachNode({ name: lab }: LabPlan, node: Host): Promise<void> {
  if (!(await namespacesOf(lab)).includes(namespaceName(lab, node.name))) return;
  await run('ip', ['netns', 'delete', namespaceName(lab, node.name)]);
  for (const { network } of node.nics)
    await succeeds('ip', ['-n', namespaceName(lab, switchOf(network)), 'link', 'delete', portOf(node.name)]);
}

/** Pulls a host's plug out of the nodes' network, or puts it back. Nothing on the host is told. */
export async function setPlugged({ name, inventory }: LabPlan, node: Host, plugged: boolean): Promise<void> {
  await ip(name, switchOf(inventory.nodeNetwork), `link set ${portOf(node.name)} ${plugged ? 'up' : 'down'}`);
}

/** Takes away all network namespaces of a lab, and with them their interfaces, routes and rules. */
export async function removeNetwork(lab: string): Promise<void> {
  for (const name of await namespacesOf(lab)) await run('ip', ['netns', 'delete', name]);
}

function counters({ podCidr, serviceCidr }: Inventory): string {
  const inside = `{ ${podCidr}, ${serviceCidr} }`;
  return `table bridge watch {
  counter plain {}
  counter tunnelled {}
  chain forward {
    type filter hook forward priority 0;
    ip saddr ${inside} counter name plain
    ip daddr ${inside} counter name plain
    udp dport 8472 counter name tunnelled
  }
}
`;
}

/** How many packets of Pods a network has carried: with their own addresses, and in tunnels. */
export async function podPackets(lab: string, network: string): Promise<{ plain: number; tunnelled: number }> {
  const listed = await inNetwork(lab, switchOf(network), ['nft', '-j', 'list', 'counters']);
  const { nftables } = JSON.parse(listed) as { nftables: { counter?: { name: string; packets: number } }[] };
  const packets = (name: string) => nftables.find(({ counter }) => counter?.name === name)?.counter?.packets ?? NaN;
  return { plain: packets('plain'), tunnelled: packets('tunnelled') };
}
