import { run } from '../../cluster/command.js';
import { namespaceName, namespacePath } from '../../cluster/lab-network.js';
import type { Host, Inventory } from '../../../charts/nodes/inventory.js';

/** The host outside: the hypervisor, which is also the gateway. */
export const WINDOWS = 'windows';

async function ip(lab: string, host: string, ...commands: readonly string[]): Promise<void> {
  await run('ip', ['-n', namespaceName(lab, host), '-batch', '-'], { input: `${commands.join('\n')}\n` });
}

/** Runs a program in a host's network, whether the host is up or not. */
export async function inNetwork(lab: string, host: string, command: readonly string[], input = ''): Promise<string> {
  return run('nsenter', [`--net=${namespacePath(lab, host)}`, ...command], { input });
}

/** The name of a network's switch. */
export function switchOf(network: string): string {
  return `switch-${network}`;
}

/**
 * The inventory's networks, each a switch of its own, and on all of them the hypervisor with its own addresses and those
 * of the gateways. Each switch counts packets that have Pods in them.
 */
export async function makeNetworks(lab: string, inventory: Inventory): Promise<void> {
  await run('ip', ['netns', 'add', namespaceName(lab, WINDOWS)]);
  await ip(lab, WINDOWS, 'link set lo up');
  for (const { name, cidr, hypervisorAddress, gateway } of inventory.networks) {
    await run('ip', ['netns', 'add', namespaceName(lab, switchOf(name))]);
    await ip(lab, switchOf(name), 'link add br0 type bridge', 'link set br0 up');
    await plug(lab, name, WINDOWS, `vm-${name}`.slice(0, 15));
    const prefix = cidr.split('/')[1] ?? '24';
    for (const address of [hypervisorAddress, gateway])
      if (address !== undefined)
        await ip(lab, WINDOWS, `address add ${address}/${prefix} dev ${`vm-${name}`.slice(0, 15)}`);
    await inNetwork(lab, switchOf(name), ['nft', '-f', '-'], counters(inventory));
  }
}

/** A host's network namespace, with each interface as the inventory has it. */
export async function plugIn(lab: string, inventory: Inventory, host: Host): Promise<void> {
  await run('ip', ['netns', 'add', namespaceName(lab, host.name)]);
  await ip(lab, host.name, 'link set lo up');
  for (const nic of host.nics) {
    const network = inventory.networks.find(({ name }) => name === nic.network);
    await plug(lab, nic.network, host.name, nic.name);
    await ip(lab, host.name, `address add ${nic.address}/${network?.cidr.split('/')[1] ?? '24'} dev ${nic.name}`);
    if (network?.gateway !== undefined) await ip(lab, host.name, `route add default via ${network.gateway}`);
  }
}

async function plug(lab: string, network: string, host: string, nic: string): Promise<void> {
  const port = `p-${host}`.slice(0, 15);
  await ip(lab, switchOf(network), `link add ${port} type veth peer name ${nic} netns ${namespaceName(lab, host)}`);
  await ip(lab, switchOf(network), `link set ${port} master br0 up`);
  await ip(lab, host, `link set ${nic} up`);
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
