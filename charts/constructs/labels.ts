import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';

/** Every object that we render carries this, or its platform's own: what to list, and what to prune by. */
export const PART_OF = { 'app.kubernetes.io/part-of': 'berth' } as const;

/** The label that tells a workload's Pods from all others in its namespace; selectors use it alone. */
export const NAME_LABEL = 'app.kubernetes.io/name';

/** The labels of the object, or of the Pods, of one workload: its name, and what its chart puts on everything. */
export function labelsOf(scope: Construct, name: string): Record<string, string> {
  return { [NAME_LABEL]: name, ...Chart.of(scope).labels };
}

/** The selector of one workload's Pods. */
export function selectorOf(name: string): Record<string, string> {
  return { [NAME_LABEL]: name };
}
