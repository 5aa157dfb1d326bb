import { fit } from '../model/fit.js';
import { machinesOf, podsToPlace } from './placing.js';
import type { Landscape } from './landscape.js';
import type { Rule, Violation } from './rule.js';

/** Every Pod finds a node that it may run on and that has room for it. */
export const PLACEMENT_RULES: readonly Rule[] = [
  { name: 'pods-fit-nodes', check: checkFit },
  {
    name: 'one-autoscaler',
    *check(landscape) {
      for (const manifest of landscape.of('VerticalPodAutoscaler')) {
        const { kind, name } = manifest.spec.targetRef;
        const both = landscape.of('HorizontalPodAutoscaler').some(({ metadata, spec }) => {
          const { scaleTargetRef: target } = spec;
          return metadata.namespace === manifest.metadata.namespace && target.kind === kind && target.name === name;
        });
        if (both) yield { manifest, message: `a HorizontalPodAutoscaler scales ${name} by the same use of CPU` };
      }
    },
  },
];

/** With everything at its largest, and one release of everything under way at once. */
function* checkFit(landscape: Landscape): Iterable<Violation> {
  const { left } = fit(machinesOf(landscape.cluster), podsToPlace(landscape));
  const told = new Set<string>();
  for (const { name, source, why } of left) {
    if (told.has(name)) continue;
    told.add(name);
    const count = left.filter((one) => one.name === name).length;
    yield { manifest: source, message: `${count} of its Pods find no node: ${why}` };
  }
}
