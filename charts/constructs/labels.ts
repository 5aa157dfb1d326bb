/** Every object that we render carries this: what to list, and what to prune by. */
export const PART_OF = { 'app.kubernetes.io/part-of': 'berth' } as const;

/** The label that tells a workload's Pods from all others in its namespace; selectors use it alone. */
export const NAME_LABEL = 'app.kubernetes.io/name';

/** The labels of the object, or of the Pods, of one workload. */
export function labelsOf(name: string): Record<string, string> {
  return { [NAME_LABEL]: name, ...PART_OF };
}

/** The selector of one workload's Pods. */
export function selectorOf(name: string): Record<string, string> {
  return { [NAME_LABEL]: name };
}
