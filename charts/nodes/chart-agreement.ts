import type { Landscape, PodSource } from '../invariants/landscape.js';
import { containersOf, matches } from '../invariants/landscape.js';
import { contains } from '../model/cidr.js';
import { GPU } from '../model/gpu.js';
import type { Problem } from '../model/problem.js';
import { Findings } from '../model/problem.js';
import { parseQuantity } from '../model/quantity.js';
import { clusterData } from './cluster-data.js';
import type { Host, Inventory } from './inventory.js';
import { portRange } from './ports.js';

/** Where a cluster's charts and its machines disagree: data, networks, ports, labels, taints, cards and sizes. */
export function checkAgreement(inventory: Inventory, landscape: Landscape): readonly Problem[] {
  const findings = new Findings();
  const { cluster } = landscape;
  const own = clusterData(inventory);
  for (const field of ['version', 'network', 'nodes', 'components'] as const) {
    const same = JSON.stringify(cluster[field]) === JSON.stringify(own[field]);
    findings.need(
      same,
      `cluster.${field}`,
      cluster[field],
      'want what the inventory says: take it from there, by clusterData',
    );
  }
  findings.problems.push(...checkManifests(inventory, landscape));
  return findings.problems;
}

/** Where machines cannot carry manifests, whichever cluster these are of: networks, ports, labels, taints, cards, sizes. */
export function checkManifests(inventory: Inventory, landscape: Landscape): readonly Problem[] {
  return [
    ...checkDenyLists(inventory, landscape),
    ...checkNodePorts(inventory, landscape),
    ...landscape.podSources().flatMap((source) => checkPlacement(inventory, source)),
  ];
}

/** Every network of the machines, Pods and Services is out of bounds wherever Pods may reach the internet. */
function checkDenyLists(inventory: Inventory, landscape: Landscape): readonly Problem[] {
  const findings = new Findings();
  const { networks, podCidr, serviceCidr, extraCidrs } = inventory;
  const inside = [...networks.map(({ cidr }) => cidr), podCidr, serviceCidr, ...extraCidrs];
  for (const { metadata, spec } of landscape.of('NetworkPolicy'))
    for (const { ipBlock } of (spec.egress ?? []).flatMap(({ to = [] }) => to)) {
      if (ipBlock?.cidr !== '0.0.0.0/0') continue;
      for (const cidr of inside) {
        const denied = (ipBlock.except ?? []).some((outer) => contains(outer, cidr));
        findings.need(denied, `NetworkPolicy/${metadata.name}`, cidr, 'must be an exception of 0.0.0.0/0');
      }
    }
  return findings.problems;
}

function checkNodePorts({ ports }: Inventory, landscape: Landscape): readonly Problem[] {
  const findings = new Findings();
  const open = ports.filter(({ answeredBy, from }) => answeredBy === 'pod' && from.includes('users'));
  for (const { metadata, spec } of landscape.of('Service'))
    for (const { nodePort } of spec.ports) {
      if (nodePort === undefined) continue;
      const ranges = open.map((rule) => portRange(rule.ports));
      const isOpen = ranges.some((range) => range !== undefined && range[0] <= nodePort && nodePort <= range[1]);
      findings.need(isOpen, `Service/${metadata.name}`, nodePort, 'the firewall must open this node port to users');
    }
  return findings.problems;
}

/** Whether there is, or will be, a machine that these Pods can be on, with cards and room for one. */
function checkPlacement({ hosts }: Inventory, source: PodSource): readonly Problem[] {
  const findings = new Findings();
  const { manifest, template } = source;
  const { nodeSelector = {}, tolerations = [] } = template.spec;
  const field = `${manifest.kind}/${manifest.metadata.name}`;

  const labelled = hosts.filter((host) =>
    matches(nodeSelector, { ...host.labels, 'kubernetes.io/hostname': host.name, 'kubernetes.io/os': 'linux' }),
  );
  findings.need(labelled.length > 0, `${field} nodeSelector`, nodeSelector, 'no machine has these labels');
  for (const toleration of tolerations) {
    if (toleration.key === undefined || toleration.key.startsWith('node.kubernetes.io/')) continue;
    const tainted = hosts.some(({ taints }) => taints.some(({ key }) => key === toleration.key));
    findings.need(tainted, `${field} toleration`, toleration.key, 'no machine has this taint');
  }
  const tolerated = labelled.filter(({ taints }) =>
    taints.every(
      ({ key, effect }) =>
        effect === 'PreferNoSchedule' || tolerations.some((one) => one.key === undefined || one.key === key),
    ),
  );
  findings.need(labelled.length === 0 || tolerated.length > 0, `${field} tolerations`, tolerations, 'every machine with its labels has a taint that it does not tolerate'); // prettier-ignore

  const asked = (resource: string) =>
    containersOf(template).reduce((sum, { resources }) => {
      const amount = parseQuantity(resources?.requests?.[resource] ?? resources?.limits?.[resource] ?? '0');
      return sum + amount;
    }, 0);
  const free = (host: Host) => ({
    cpu: parseQuantity(host.machine.cpu) - parseQuantity(host.reserved.cpu),
    memory: parseQuantity(host.machine.memory) - parseQuantity(host.reserved.memory),
    [GPU.resource]: host.gpus?.count ?? 0,
  });
  const fitting = tolerated.filter((host) =>
    Object.entries(free(host)).every(([resource, most]) => asked(resource) <= most),
  );
  const request = { cpu: asked('cpu'), memory: asked('memory'), [GPU.resource]: asked(GPU.resource) };
  findings.need(tolerated.length === 0 || fitting.length > 0, `${field} requests`, request, 'fit on none of the machines that it may be on'); // prettier-ignore
  return findings.problems;
}
