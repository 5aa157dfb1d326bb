import type { Inventory } from '../inventory.js';
import { inventoryWarnings } from '../inventory-checks.js';
import { list, markdown } from './markdown.js';
import { hostTable, networkTable, portTable, trafficTable } from './tables.js';

/** The cluster's page: its plan as a picture and as tables. */
export function readme(inventory: Inventory): string {
  const { name, title, hosts, hypervisors } = inventory;
  const warnings = inventoryWarnings(inventory);
  const carriers = hypervisors.map(
    ({ name: one, kind, address }) => `\`${one}\`: ${kind}${address === undefined ? '' : `, management ${address}`}`,
  );
  return markdown(
    title,
    `Cluster \`${name}\`. [How it comes up](RUNBOOK.md)${hosts
      .slice(1)
      .map((host) => ` · [join ${host.name}](${host.name}/JOIN.md)`)
      .join('')}`,
    warnings.length > 0 ? `## Warnings\n\n${list(warnings)}` : '',
    '![Network plan](network-plan.svg)',
    '## Machines',
    list(carriers),
    hostTable(inventory),
    '## Networks',
    networkTable(inventory),
    '## Traffic',
    trafficTable(inventory),
    '## Ports',
    'Everything that is not listed is closed, on every interface (`etc/nftables.conf` of each host).',
    portTable(inventory),
  );
}
