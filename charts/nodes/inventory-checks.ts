import { DOCUMENTATION_NETWORKS } from '../clusters/placeholders.js';
import { contains } from '../model/cidr.js';
import { isPinnedImage, PINNED_IMAGE_RULE } from '../model/image.js';
import { isObjectName, OBJECT_NAME_RULE } from '../model/object-name.js';
import type { Problem } from '../model/problem.js';
import { Findings } from '../model/problem.js';
import { WEAVE_REFUSAL } from './cni.js';
import { checkHosts } from './host-checks.js';
import type { Inventory } from './inventory.js';
import { nodeAddress, versionOf } from './inventory.js';
import { PRIVATE_NETWORKS } from './network.js';
import { checkNetworks } from './network-checks.js';
import { checkPorts } from './port-checks.js';

/** Everything wrong with an inventory by itself. */
export function checkInventory(inventory: Inventory): readonly Problem[] {
  const findings = new Findings();
  for (const field of ['name', 'environment'] as const)
    findings.need(isObjectName(inventory[field]), field, inventory[field], OBJECT_NAME_RULE);
  const { hosts, apiServer, registries } = inventory;
  const [first] = hosts;
  const advertised = first === undefined ? '' : nodeAddress(inventory, first);
  const own = apiServer.advertiseAddress === advertised;
  const rule = `want ${first?.name ?? ''}'s address on ${inventory.nodeNetwork}, ${advertised}`;
  findings.need(own, 'apiServer.advertiseAddress', apiServer.advertiseAddress, rule);
  for (const { registry, endpoints } of registries) {
    findings.need(endpoints.length > 0, `registries.${registry}`, endpoints, 'want at least one endpoint');
    for (const endpoint of endpoints)
      findings.need(URL.canParse(endpoint), `registries.${registry}`, endpoint, 'want a URL');
  }
  findings.problems.push(
    ...checkDistribution(inventory),
    ...checkCni(inventory),
    ...checkNetworks(inventory),
    ...checkHosts(inventory),
    ...checkPorts(inventory),
  );
  return findings.problems;
}

/** What is allowed and still worth saying. */
export function inventoryWarnings({ networks }: Inventory): readonly string[] {
  const within = (outer: readonly string[], cidr: string) => outer.some((one) => contains(one, cidr));
  return networks.flatMap(({ name, cidr }) => {
    if (within(PRIVATE_NETWORKS, cidr)) return [];
    if (within(DOCUMENTATION_NETWORKS, cidr))
      return [`network ${name}, ${cidr}, is a documentation network (RFC 5737): put your own into placeholders.ts`];
    const reason = 'machines on it cannot reach its true owner, and no list of private networks covers it';
    return [`network ${name}, ${cidr}, is public address space: ${reason}; sandboxes are kept from it by name`];
  });
}

function checkDistribution(inventory: Inventory): readonly Problem[] {
  const findings = new Findings();
  const { distribution, hosts } = inventory;
  const form = distribution.kind === 'k3s' ? /^v\d+\.\d+\.\d+\+k3s\d+$/ : /^v\d+\.\d+\.\d+$/;
  const exact = distribution.kind === 'k3s' ? 'v1.34.4+k3s1' : 'v1.34.4';
  const want = `want an exact version, e.g. ${exact}`;
  findings.need(form.test(distribution.version), 'distribution.version', distribution.version, want);
  if (distribution.kind === 'kubeadm') {
    const { pauseImage, containerd } = distribution;
    findings.need(isPinnedImage(pauseImage), 'distribution.pauseImage', pauseImage, PINNED_IMAGE_RULE);
    findings.need(
      /^\d+\.\d+$/.test(containerd),
      'distribution.containerd',
      containerd,
      'want a minor release, e.g. 1.7',
    );
  }
  for (const host of hosts) {
    const version = versionOf(inventory, host);
    findings.need(form.test(version), `hosts.${host.name}.version`, version, want);
    const newer = compareVersions(version, distribution.version) > 0;
    findings.need(!newer, `hosts.${host.name}.version`, version, `must not be newer than ${distribution.version}`);
  }
  return findings.problems;
}

function checkCni({ distribution, cni, hosts, nodeNetwork }: Inventory): readonly Problem[] {
  const findings = new Findings();
  if (distribution.kind === 'k3s') findings.need(cni === undefined, 'cni', cni, 'k3s brings its own Flannel');
  else findings.need(cni !== undefined, 'cni', cni, 'a kubeadm cluster wants flannel or calico');
  findings.need(cni?.name !== 'weave', 'cni.name', cni?.name, WEAVE_REFUSAL);
  // Flannel is told the interface by name, once for all nodes; Calico by the network.
  const names = new Set(
    hosts.flatMap(({ nics }) => nics.filter((nic) => nic.network === nodeNetwork)).map((n) => n.name),
  );
  for (const { name, nics } of hosts)
    for (const nic of nics) {
      const ambiguous = cni?.name === 'flannel' && nic.network !== nodeNetwork && names.has(nic.name);
      findings.need(!ambiguous, `hosts.${name}.nics`, nic.name, `is ${nodeNetwork}'s interface on another host`);
    }
  return findings.problems;
}

/** Below, above or equal to 0, as the first version is older, newer or the same. */
function compareVersions(one: string, other: string): number {
  const numbers = (version: string) => (version.match(/\d+/g) ?? []).map(Number);
  const [a, b] = [numbers(one.replace('k3s', '')), numbers(other.replace('k3s', ''))];
  const index = a.findIndex((number, at) => number !== b[at]);
  return index === -1 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}
