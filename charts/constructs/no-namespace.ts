import type { ApiObject } from 'cdk8s';
import { Chart, JsonPatch } from 'cdk8s';

/** Takes away the namespace that a chart stamps on every object, from objects that are in none. */
export function inNoNamespace(...objects: readonly ApiObject[]): void {
  for (const object of objects)
    if (Chart.of(object).namespace !== undefined) object.addJsonPatch(JsonPatch.remove('/metadata/namespace'));
}
