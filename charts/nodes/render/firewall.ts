import type { Host, Inventory } from '../inventory.js';
import { nodeAddress, nodeNic } from '../inventory.js';
import type { PortRule, Source } from '../ports.js';
import { marked } from './node-file.js';

/** Ports that VXLAN uses, by Pod network; nothing else leaves a node with Pods' packets in it. */
const TUNNELS = 'udp dport { 4789, 8472 }';

/**
 * The host's firewall as nftables rules. It is a table of its own and replaces only itself, because kube-proxy and the Pod
 * network keep theirs beside it: `flush ruleset` would cut off every Service. A packet passes if no table drops it.
 */
export function firewall(inventory: Inventory, host: Host): string {
  const { ports, podCidr } = inventory;
  const open = ports.filter(({ roles }) => roles.includes(host.role));
  const rules = (by: 'node' | 'pod') =>
    open
      .filter(({ answeredBy = 'node' }) => answeredBy === by)
      .flatMap((rule) => rule.from.map((source) => acceptLine(inventory, host, rule, source)));
  return marked(
    [
      'table inet node {}',
      'delete table inet node',
      'table inet node {',
      '  chain input {',
      '    type filter hook input priority filter; policy drop;',
      '    ct state established,related accept',
      '    ct state invalid drop',
      '    iifname "lo" accept',
      '    meta l4proto ipv6-icmp accept',
      ...rules('node').map((line) => `    ${line}`),
      '  }',
      '',
      '  chain forward {',
      '    type filter hook forward priority filter; policy drop;',
      '    ct state established,related accept',
      '    # What a Pod sends, and what another Pod sent it: NetworkPolicies say more.',
      `    ip saddr ${podCidr} accept`,
      ...routedLines(inventory, host),
      ...rules('pod').map((line) => `    ${line}`),
      '  }',
      ...leakGuard(inventory, host),
      '}',
      '',
    ].join('\n'),
  );
}

/** Without tunnels, what a node asks a Pod of another node (API server to webhook, node port) has the node's own address. */
function routedLines(inventory: Inventory, host: Host): readonly string[] {
  const { cni, podCidr } = inventory;
  if (cni?.name !== 'flannel' || cni.backend !== 'host-gw') return [];
  const from = `ip saddr { ${sourceNetworks(inventory, 'nodes').join(', ')} }`;
  return [
    `    iifname "${nodeNic(inventory, host)?.name ?? ''}" ${from} ip daddr ${podCidr} accept comment "flannel: nodes"`,
  ];
}

/** One source of one rule. */
function acceptLine(inventory: Inventory, host: Host, rule: PortRule, source: Source): string {
  const { ports, protocol, component, answeredBy } = rule;
  const from = `ip saddr { ${sourceNetworks(inventory, source).join(', ')} }`;
  const nic =
    source === 'nodes' || source === 'control-planes' ? `iifname "${nodeNic(inventory, host)?.name ?? ''}" ` : '';
  const comment = `comment "${component}: ${source}"`;
  if (protocol === 'icmp') return `${nic}${from} icmp type echo-request accept ${comment}`;
  if (answeredBy === 'pod')
    // kube-proxy has replaced the port by the Pod's already; connection tracking knows what the sender wrote.
    return `${from} meta l4proto ${protocol} ct status dnat ct original proto-dst ${ports} accept ${comment}`;
  return `${nic}${from} ${protocol} dport ${ports} accept ${comment}`;
}

/** The networks and addresses behind a source. Planned hosts are among the nodes, so that nothing changes when they join. */
export function sourceNetworks(inventory: Inventory, source: Source): readonly string[] {
  const { hosts, podCidr, access } = inventory;
  switch (source) {
    case 'nodes':
      return hosts.map((host) => nodeAddress(inventory, host));
    case 'control-planes':
      return hosts.filter(({ role }) => role === 'control-plane').map((host) => nodeAddress(inventory, host));
    case 'pods':
      return [podCidr];
    case 'admins':
      return access.admins;
    case 'users':
      return access.users;
  }
}

/** On interfaces beside the nodes' own, nothing leaves with a Pod's or a Service's address, nor in a tunnel. */
function leakGuard(inventory: Inventory, host: Host): readonly string[] {
  const others = host.nics.filter(({ network }) => network !== inventory.nodeNetwork).map(({ name }) => `"${name}"`);
  if (others.length === 0) return [];
  const inside = `{ ${inventory.podCidr}, ${inventory.serviceCidr} }`;
  return [
    '',
    '  # After address translation: what a Pod sends to the internet has the address of its node by then.',
    '  chain leaving {',
    '    type filter hook postrouting priority srcnat + 10; policy accept;',
    `    oifname { ${others.join(', ')} } ip saddr ${inside} drop`,
    `    oifname { ${others.join(', ')} } ip daddr ${inside} drop`,
    `    oifname { ${others.join(', ')} } ${TUNNELS} drop`,
    '  }',
  ];
}
