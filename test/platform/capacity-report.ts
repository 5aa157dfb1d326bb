import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { V1Pod } from '@kubernetes/client-node';
import { parseQuantity } from '../../charts/model/quantity.js';
import { REPOSITORY } from '../cluster/cache.js';
import { DERIVED } from './operator-pods.js';
import type { Placement } from './placement.js';
import { nameOf } from './placement.js';

/** A line for each node: what its Pods request against what it has for them, and how many they are. */
export function capacityLines({ nodes, pods }: Placement): readonly string[] {
  return nodes.map((node) => {
    const here = pods.filter(({ spec }) => spec?.nodeName === node.metadata?.name);
    const { cpu = '', memory = '', pods: most = '' } = node.status?.allocatable ?? {};
    const used = (resource: 'cpu' | 'memory') => here.reduce((sum, pod) => sum + requested(pod, resource), 0);
    const share = (resource: 'cpu' | 'memory', whole: string) =>
      Math.round((100 * used(resource)) / parseQuantity(whole));
    const words = [
      nameOf(node).padEnd(16),
      `${used('cpu').toFixed(2)} of ${parseQuantity(cpu).toFixed(1)} CPUs (${share('cpu', cpu)} %)`.padEnd(26),
      `${gib(used('memory'))} of ${gib(parseQuantity(memory))} GiB (${share('memory', memory)} %)`.padEnd(28),
      `${here.length} of ${most} Pods`,
    ];
    return words.join(' ');
  });
}

/** The Pods that stand for those of operators, a line for each kind and namespace. */
export function derivedLines({ pods }: Placement): readonly string[] {
  const names = pods.flatMap((pod) => {
    const kind = pod.metadata?.labels?.[DERIVED];
    return kind === undefined ? [] : [`${kind} ${nameOf(pod).replace(/-\d+$/, '')}`];
  });
  return [...new Set(names)].sort().map((name) => `${name} ×${names.filter((one) => one === name).length}`);
}

/** Keeps a report among what tests leave behind, and gives its path in the repository. */
export async function writeReport(name: string, lines: readonly string[]): Promise<string> {
  const path = join('.artifacts/platform', `${name}.txt`);
  await mkdir(join(REPOSITORY, '.artifacts/platform'), { recursive: true });
  await writeFile(join(REPOSITORY, path), lines.map((line) => `${line}\n`).join(''));
  return path;
}

/** What a Pod requests, as the scheduler counts it: all containers together, or the largest initial one. */
export function requested({ spec }: V1Pod, resource: 'cpu' | 'memory'): number {
  const amounts = (containers: NonNullable<V1Pod['spec']>['containers'] = []) =>
    containers.map(({ resources }) => parseQuantity(resources?.requests?.[resource] ?? '0'));
  const sum = amounts(spec?.containers).reduce((total, amount) => total + amount, 0);
  return Math.max(sum, ...amounts(spec?.initContainers));
}

function gib(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}
