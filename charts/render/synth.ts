import type { Delivery } from '../clusters/delivery.js';
import { Landscape } from '../invariants/landscape.js';
import { violations } from '../invariants/rule.js';
import { RULES } from '../invariants/rules.js';
import { describeProblem } from '../model/problem.js';
import type { RenderedFile } from './render.js';
import { render } from './render.js';
import { SynthError } from './synth-error.js';

/**
 * The files of all deliveries, checked: a delivery's data before it is rendered, and its manifests after.
 * @throws SynthError with every complaint about every delivery
 */
export function synth(deliveries: readonly Delivery[]): readonly RenderedFile[] {
  const complaints: string[] = [];
  const files: RenderedFile[] = [];
  for (const delivery of deliveries) {
    const { cluster, folder } = delivery;
    const problems = delivery.problems();
    complaints.push(...problems.map((problem) => `${cluster.name}/${cluster.environment} ${describeProblem(problem)}`));
    if (problems.length > 0) continue;
    const rendered = render(delivery);
    const manifests = rendered.flatMap((file) => file.manifests);
    complaints.push(...violations(new Landscape(cluster, manifests, folder === ''), RULES));
    files.push(...rendered);
  }
  const paths = files.map(({ path }) => path);
  const twice = paths.filter((path, index) => paths.indexOf(path) !== index);
  complaints.push(...twice.map((path) => `${path}: two charts are rendered into this file`));
  if (complaints.length > 0) throw new SynthError(complaints);
  return files;
}
