import { isObjectName, OBJECT_NAME_RULE } from '../model/object-name.js';
import type { Problem } from '../model/problem.js';
import { Findings } from '../model/problem.js';
import { parseQuantity } from '../model/quantity.js';
import { GPU } from '../model/gpu.js';
import { isBetween, isHostAddress } from './address.js';
import type { Host, Inventory } from './inventory.js';
import { networkOf } from './inventory.js';
import { checkLabels, checkTaints } from './label-checks.js';

/** The smallest machines that each distribution starts a control plane on (their documentation's figures). */
const LEAST = { kubeadm: { cpu: 2, memory: 1.7e9 }, k3s: { cpu: 2, memory: 2e9 } } as const;

/** Everything wrong with an inventory's hosts. */
export function checkHosts(inventory: Inventory): readonly Problem[] {
  const findings = new Findings();
  const { hosts, hypervisors } = inventory;
  findings.unique(
    hosts.map(({ name }) => name),
    'hosts.name',
  );
  findings.unique(
    hosts.flatMap(({ nics }) => nics.map(({ address }) => address)),
    'hosts.nics.address',
  );
  findings.need(hosts[0]?.role === 'control-plane', 'hosts[0].role', hosts[0]?.role, 'want a control plane first');
  findings.unique(
    hypervisors.map(({ name }) => name),
    'hypervisors.name',
  );
  for (const host of hosts) findings.include(`hosts.${host.name}`, checkHost(inventory, host));
  return findings.problems;
}

function checkHost(inventory: Inventory, host: Host): readonly Problem[] {
  const findings = new Findings();
  const { name, hypervisor, machine, reserved, gpus, labels, taints } = host;
  findings.need(isObjectName(name), 'name', name, OBJECT_NAME_RULE);
  const carriers = inventory.hypervisors.map((one) => one.name);
  findings.need(carriers.includes(hypervisor), 'hypervisor', hypervisor, `want one of ${carriers.join(', ')}`);

  for (const size of ['cpu', 'memory', 'disk'] as const)
    findings.need(parseQuantity(machine[size]) > 0, `machine.${size}`, machine[size], 'want a quantity above 0');
  const { kind } = inventory.distribution;
  for (const size of ['cpu', 'memory'] as const) {
    const less = parseQuantity(reserved[size]) < parseQuantity(machine[size]);
    findings.need(less, `reserved.${size}`, reserved[size], 'want a quantity below the whole');
    const least = LEAST[kind][size];
    const enough = host.role === 'worker' || !(parseQuantity(machine[size]) < least);
    findings.need(enough, `machine.${size}`, machine[size], `a control plane of ${kind} wants at least ${least}`);
  }
  findings.include('nics', checkNics(inventory, host));
  findings.problems.push(...checkLabels(labels), ...checkTaints(taints), ...checkSystem(host));
  if (gpus) {
    const whole = Number.isInteger(gpus.count) && gpus.count > 0;
    findings.need(whole, 'gpus.count', gpus.count, 'want a whole number above 0');
    const product = labels[GPU.productLabel];
    findings.need(product === gpus.product, 'labels', product, `want ${GPU.productLabel}=${gpus.product}, its cards`);
    findings.need(labels[GPU.presentLabel] === 'true', 'labels', labels, `want ${GPU.presentLabel}=true`);
    const tainted = taints.some(({ key }) => key === GPU.taint);
    findings.need(tainted, 'taints', taints, `want ${GPU.taint}, which keeps CPU work off the cards' node`);
  }
  return findings.problems;
}

function checkNics(inventory: Inventory, { nics }: Host): readonly Problem[] {
  const findings = new Findings();
  findings.unique(
    nics.map(({ name }) => name),
    'name',
  );
  findings.unique(
    nics.map(({ network }) => network),
    'network',
  );
  for (const nic of nics) {
    const { name, address } = nic;
    findings.need(/^[a-z][a-z0-9]{1,14}$/.test(name), `${name}.name`, name, 'want 2 to 15 of a-z and 0-9');
    const network = networkOf(inventory, nic);
    findings.need(network !== undefined, `${name}.network`, nic.network, 'want the name of one of networks');
    if (network === undefined) continue;
    const { cidr, dhcp, gateway, hypervisorAddress } = network;
    const field = `${name}.address`;
    findings.need(isHostAddress(cidr, address), field, address, `want an address of a host in ${cidr}`);
    const handedOut = dhcp !== undefined && isBetween(address, dhcp.first, dhcp.last);
    findings.need(!handedOut, field, address, `DHCP hands out ${dhcp?.first ?? ''} to ${dhcp?.last ?? ''}`);
    findings.need(address !== gateway, field, address, "is the network's gateway");
    findings.need(address !== hypervisorAddress, field, address, "is the hypervisor's");
  }
  const ways = nics.filter((nic) => networkOf(inventory, nic)?.gateway !== undefined);
  findings.need(ways.length === 1, 'network', nics, 'want exactly one interface on a network with a gateway');
  const inCluster = nics.some(({ network }) => network === inventory.nodeNetwork);
  findings.need(inCluster, 'network', nics, `want an interface on ${inventory.nodeNetwork}, the nodes' network`);
  return findings.problems;
}

function checkSystem({ system }: Host): readonly Problem[] {
  const findings = new Findings();
  const { user, timeZone, locale, ntp } = system;
  findings.need(/^[a-z_][a-z0-9_-]{0,31}$/.test(user), 'system.user', user, 'want a Linux user name');
  findings.need(isTimeZone(timeZone), 'system.timeZone', timeZone, 'want a name such as Asia/Seoul');
  findings.need(/^[a-z]{2,3}_[A-Z]{2}\.UTF-8$/.test(locale), 'system.locale', locale, 'want one such as ko_KR.UTF-8');
  findings.need(ntp.length > 0, 'system.ntp', ntp, 'want at least one time server');
  for (const server of ntp)
    findings.need(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(server), 'system.ntp', server, 'want a host name or address');
  return findings.problems;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '' && name.includes('/');
  } catch {
    return false;
  }
}
