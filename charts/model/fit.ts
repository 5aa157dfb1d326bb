/** A node as far as placing Pods goes: amounts that are free for them. */
export interface Machine {
  readonly name: string;
  /** Cores. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
  readonly pods: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly value?: string }[];
}

/** A Pod to be placed: what it requests, and where it may go. */
export interface PodToPlace<Source = unknown> {
  readonly name: string;
  readonly cpu: number;
  readonly memory: number;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly { readonly key?: string; readonly operator?: string; readonly value?: string }[];
  /** Never two of one name on one node. */
  readonly apart: boolean;
  /** Where it comes from. */
  readonly source: Source;
}

/** What a node then has. */
export interface Filled<Source = unknown> {
  readonly machine: Machine;
  readonly placed: readonly PodToPlace<Source>[];
}

/** Where everything went, and what found no place, with the reason. */
export interface Fit<Source = unknown> {
  readonly filled: readonly Filled<Source>[];
  readonly left: readonly (PodToPlace<Source> & { readonly why: string })[];
}

/**
 * Places Pods on nodes, the largest first and each on the emptiest node that takes it, as the scheduler's default tends
 * to. Not the scheduler itself: a Pod that is left here may still be squeezed in there, hardly ever the other way round.
 */
export function fit<Source>(machines: readonly Machine[], pods: readonly PodToPlace<Source>[]): Fit<Source> {
  const filled = machines.map((machine) => ({ machine, placed: [] as PodToPlace<Source>[] }));
  const left: (PodToPlace<Source> & { why: string })[] = [];
  for (const pod of [...pods].sort((one, other) => other.memory - one.memory)) {
    const takes = filled.filter(({ machine }) => mayRun(pod, machine));
    const best = takes
      .filter((node) => hasRoom(node, pod))
      .sort((one, other) => use(one, 'memory') / one.machine.memory - use(other, 'memory') / other.machine.memory)[0];
    if (best) best.placed.push(pod);
    else
      left.push({
        ...pod,
        why: takes.length === 0 ? `no node has ${place(pod)}` : `the nodes with ${place(pod)} are full`,
      });
  }
  return { filled, left };
}

/** What the Pods on a node request together. */
export function use({ placed }: Filled, resource: 'cpu' | 'memory'): number {
  return placed.reduce((sum, pod) => sum + pod[resource], 0);
}

function hasRoom(node: Filled, pod: PodToPlace): boolean {
  const { machine, placed } = node;
  const companion = pod.apart && placed.some(({ name }) => name === pod.name);
  const enough = (['cpu', 'memory'] as const).every(
    (resource) => use(node, resource) + pod[resource] <= machine[resource],
  );
  return !companion && enough && placed.length < machine.pods;
}

function mayRun({ nodeSelector, tolerations }: PodToPlace, { labels, taints }: Machine): boolean {
  const tolerated = taints.every((taint) =>
    tolerations.some(({ key, operator, value }) => {
      if (operator === 'Exists') return key === undefined || key === taint.key;
      return key === taint.key && value === taint.value;
    }),
  );
  return tolerated && Object.entries(nodeSelector).every(([key, value]) => labels[key] === value);
}

function place({ nodeSelector, tolerations }: PodToPlace): string {
  const labels = Object.entries(nodeSelector).map(([key, value]) => `${key}=${value}`);
  const taints = tolerations.map(({ key = 'any taint', value = '' }) => `${key}${value === '' ? '' : `=${value}`}`);
  return `labels [${labels.join(', ')}] and no taint but [${taints.join(', ')}]`;
}
