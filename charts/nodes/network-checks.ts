import { isCidr, overlap } from '../model/cidr.js';
import { isPort, PORT_RULE } from '../model/cluster.js';
import { isObjectName, OBJECT_NAME_RULE } from '../model/object-name.js';
import type { Problem } from '../model/problem.js';
import { Findings } from '../model/problem.js';
import { addressNumber, isHostAddress, prefixOf } from './address.js';
import type { Inventory } from './inventory.js';
import type { NodeNetwork } from './network.js';

const CIDR_RULE = 'want an IPv4 network in CIDR notation without host bits';

/** Everything wrong with an inventory's networks, the Pods' and Services' among them. */
export function checkNetworks(inventory: Inventory): readonly Problem[] {
  const findings = new Findings();
  const { networks, nodeNetwork, podCidr, serviceCidr, podPrefix, hosts, apiServer, access } = inventory;
  const names = networks.map(({ name }) => name);
  findings.unique(names, 'networks.name');
  const known = names.includes(nodeNetwork);
  findings.need(known, 'nodeNetwork', nodeNetwork, `want one of networks: ${names.join(', ')}`);
  networks.forEach((network, index) => findings.include(`networks[${index}]`, checkNetwork(network)));

  const ranges = [
    ...networks.map(({ cidr }, index) => [`networks[${index}].cidr`, cidr] as const),
    ['podCidr', podCidr] as const,
    ['serviceCidr', serviceCidr] as const,
  ];
  for (const [field, cidr] of ranges) findings.need(isIpv4Cidr(cidr), field, cidr, CIDR_RULE);
  ranges.forEach(([field, cidr], index) => {
    const clash = ranges.slice(0, index).find(([, other]) => overlap(cidr, other));
    findings.need(clash === undefined, field, cidr, `must not overlap ${clash?.join(' = ') ?? ''}`);
  });

  const parts = 2 ** (podPrefix - prefixOf(podCidr));
  const sized = Number.isInteger(podPrefix) && podPrefix >= prefixOf(podCidr) && podPrefix <= 28;
  findings.need(sized, 'podPrefix', podPrefix, `want a whole number from podCidr's prefix to 28`);
  findings.need(
    !(hosts.length > parts),
    'podCidr',
    podCidr,
    `has room for ${parts} nodes of /${podPrefix}, there are ${hosts.length}`,
  );
  // The network, its broadcast, the bridge and the tunnel have an address each.
  const most = 2 ** (32 - podPrefix) - 4;
  for (const { name, maxPods } of hosts) {
    const whole = Number.isInteger(maxPods) && maxPods > 0 && !(maxPods > most);
    findings.need(
      whole,
      `hosts.${name}.maxPods`,
      maxPods,
      `want a whole number from 1 to ${most}, as /${podPrefix} has`,
    );
  }
  findings.need(!(prefixOf(serviceCidr) > 27), 'serviceCidr', serviceCidr, 'must hold its tenth address, the DNS');
  findings.need(isPort(apiServer.port), 'apiServer.port', apiServer.port, PORT_RULE);
  for (const field of ['admins', 'users'] as const) {
    findings.need(access[field].length > 0, `access.${field}`, access[field], 'want at least one network');
    access[field].forEach((cidr, index) =>
      findings.need(isIpv4Cidr(cidr), `access.${field}[${index}]`, cidr, CIDR_RULE),
    );
  }
  return findings.problems;
}

function checkNetwork({ name, cidr, hypervisorAddress, gateway, dns = [], dhcp }: NodeNetwork): readonly Problem[] {
  const findings = new Findings();
  findings.need(isObjectName(name), 'name', name, OBJECT_NAME_RULE);
  const inside = (field: string, address: string | undefined) => {
    if (address !== undefined)
      findings.need(isHostAddress(cidr, address), field, address, `want an address of a host in ${cidr}`);
  };
  inside('hypervisorAddress', hypervisorAddress);
  inside('gateway', gateway);
  inside('dhcp.first', dhcp?.first);
  inside('dhcp.last', dhcp?.last);
  const ordered = dhcp === undefined || addressNumber(dhcp.first) <= addressNumber(dhcp.last);
  findings.need(ordered, 'dhcp', dhcp, 'want first not above last');
  dns.forEach((address, index) =>
    findings.need(!Number.isNaN(addressNumber(address)), `dns[${index}]`, address, 'want an IPv4 address'),
  );
  return findings.problems;
}

function isIpv4Cidr(cidr: string): boolean {
  return isCidr(cidr) && !cidr.includes(':');
}
