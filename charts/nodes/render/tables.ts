import type { Host, Inventory } from '../inventory.js';
import { nodeAddress, versionOf } from '../inventory.js';
import { describePort } from '../ports.js';
import { sourceNetworks } from './firewall.js';
import { table } from './markdown.js';

/** The machines: what they are made of and where they are. */
export function hostTable(inventory: Inventory): string {
  return table(
    ['host', 'state', 'role', 'on', 'CPU / RAM / disk', 'interfaces', 'labels, taints, cards', 'Kubernetes'],
    inventory.hosts.map((host) => [
      `\`${host.name}\``,
      host.state,
      host.role,
      host.hypervisor,
      sizeOf(host),
      host.nics.map(({ name, network, address }) => `${name} (${network}) ${address}`).join('<br>'),
      marksOf(host),
      versionOf(inventory, host),
    ]),
  );
}

function sizeOf({ machine: { cpu, memory, disk, filesystem, assumption } }: Host): string {
  return `${cpu} / ${memory} / ${disk} (${filesystem})${assumption === undefined ? '' : `<br>_${assumption}_`}`;
}

function marksOf({ labels, taints, gpus }: Host): string {
  return [
    ...Object.entries(labels).map(([key, value]) => `${key}=${value}`),
    ...taints.map(({ key, value = '', effect }) => `${key}=${value}:${effect}`),
    ...(gpus ? [`${gpus.count} × ${gpus.product} (PCI passthrough)`] : []),
  ].join('<br>');
}

/** The networks, the Pods' and Services' among them. */
export function networkTable({ networks, podCidr, serviceCidr, podPrefix }: Inventory): string {
  const dash = (text: string | undefined) => text ?? '–';
  return table(
    ['network', 'CIDR', 'hypervisor', 'gateway', 'DNS', 'DHCP range', 'for'],
    [
      ...networks.map(({ title, cidr, hypervisorAddress, gateway, dns, dhcp, purpose }) => [
        title,
        cidr,
        dash(hypervisorAddress),
        dash(gateway),
        dash(dns?.join(', ')),
        dash(dhcp && `${dhcp.first} ~ ${dhcp.last}`),
        purpose,
      ]),
      ['Pods', podCidr, '–', '–', '–', '–', `a /${podPrefix} for each node`],
      ['Services', serviceCidr, '–', '–', '–', '–', 'virtual: replaced by kube-proxy on the node'],
    ],
  );
}

/** Every open port. Everything else is closed. */
export function portTable(inventory: Inventory): string {
  return table(
    ['port', 'component', 'for', 'open on', 'to', 'note'],
    inventory.ports.map((rule) => [
      describePort(rule),
      rule.component,
      rule.purpose,
      rule.roles.join(', '),
      rule.from.map((source) => `${source} (${sourceNetworks(inventory, source).join(', ')})`).join('<br>'),
      [rule.answeredBy === 'pod' ? 'A Pod answers: the packet is forwarded.' : '', rule.note ?? ''].join(' ').trim(),
    ]),
  );
}

/** The three kinds of traffic: out, from people, and between Pods. */
export function trafficTable(inventory: Inventory): string {
  const { networks, nodeNetwork, hosts, podCidr, serviceCidr, access, kubeProxyMode } = inventory;
  const way = networks.find(({ gateway }) => gateway !== undefined);
  const cluster = networks.find(({ name }) => name === nodeNetwork);
  const out = hosts.flatMap(({ nics }) => nics.filter(({ network }) => network === way?.name).map(({ name }) => name));
  const inside = hosts.flatMap(({ nics }) => nics.filter(({ network }) => network === nodeNetwork));
  const nicNames = (names: readonly string[]) => [...new Set(names)].join(', ');
  return table(
    ['traffic', 'way', 'network'],
    [
      [
        'node or Pod → internet',
        `Pod (its node's address from here on) → ${nicNames(out)} → gateway ${way?.gateway ?? ''} → internet`,
        way?.title ?? '',
      ],
      [
        'people → nodes',
        `${[...new Set([...access.admins, ...access.users])].join(', ')} → ${nicNames(inside.map(({ name }) => name))} of ${hosts.map((host) => nodeAddress(inventory, host)).join(', ')}`,
        cluster?.title ?? '',
      ],
      [
        'Pod → Pod, Pod → Service',
        `Pod in ${podCidr} → kube-proxy (${kubeProxyMode}) turns a Service of ${serviceCidr} into a Pod → ${tunnelOf(inventory)} → Pod in ${podCidr}`,
        cluster?.title ?? '',
      ],
    ],
  );
}

/** How Pods' packets travel between nodes, in a few words. */
export function tunnelOf({ cni }: Inventory): string {
  if (cni?.name === 'calico') return 'Calico, VXLAN (4789/udp)';
  if (cni?.name === 'flannel' && cni.backend === 'host-gw') return 'Flannel, routes between nodes';
  return 'Flannel, VXLAN (8472/udp)';
}
