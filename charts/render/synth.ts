import type { Delivery } from '../clusters/delivery.js';
import { Landscape } from '../invariants/landscape.js';
import { violations } from '../invariants/rule.js';
import { RULES } from '../invariants/rules.js';
import { describeProblem } from '../model/problem.js';
import { checkAgreement } from '../nodes/chart-agreement.js';
import type { Inventory } from '../nodes/inventory.js';
import { checkInventory } from '../nodes/inventory-checks.js';
import { nodeFiles } from '../nodes/node-files.js';
import type { RenderedFile } from './render.js';
import { render } from './render.js';
import { SynthError } from './synth-error.js';

/**
 * The files of all deliveries and machines, checked: a delivery's data before it is rendered, its manifests after, an
 * inventory by itself and against the manifests of the cluster of its name.
 * @throws SynthError with every complaint about every delivery and inventory
 */
export function synth(
  deliveries: readonly Delivery[],
  inventories: readonly Inventory[] = [],
): readonly RenderedFile[] {
  const complaints: string[] = [];
  const files: RenderedFile[] = [];
  const landscapes: Landscape[] = [];
  for (const delivery of deliveries) {
    const { cluster, folder } = delivery;
    const problems = delivery.problems();
    complaints.push(...problems.map((problem) => `${cluster.name}/${cluster.environment} ${describeProblem(problem)}`));
    if (problems.length > 0) continue;
    const rendered = render(delivery);
    const manifests = rendered.flatMap((file) => file.manifests);
    const landscape = new Landscape(cluster, manifests, folder === '');
    landscapes.push(landscape);
    complaints.push(...violations(landscape, RULES));
    files.push(...rendered);
  }
  for (const inventory of inventories) {
    const { name, environment } = inventory;
    const made = landscapes.filter(({ cluster }) => cluster.name === name && cluster.environment === environment);
    const problems = [
      ...checkInventory(inventory),
      ...made.flatMap((landscape) => checkAgreement(inventory, landscape)),
    ];
    const which = inventory.installedBy === 'cloud' ? `${name}/${environment}` : name;
    complaints.push(...problems.map((problem) => `nodes/${which} ${describeProblem(problem)}`));
    if (problems.length === 0 && inventory.installedBy !== 'cloud') files.push(...nodeFiles(inventory));
  }
  const paths = files.map(({ path }) => path);
  const twice = paths.filter((path, index) => paths.indexOf(path) !== index);
  complaints.push(...twice.map((path) => `${path}: two charts are rendered into this file`));
  if (complaints.length > 0) throw new SynthError(complaints);
  return files;
}
