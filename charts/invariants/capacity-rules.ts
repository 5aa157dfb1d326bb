import { parseQuantity } from '../model/quantity.js';
import type { Landscape, PodSource } from './landscape.js';
import { containersOf } from './landscape.js';
import type { Container, Kinds } from './manifest.js';
import { sidecarAmount } from './placing.js';
import type { Rule, Violation } from './rule.js';

type Quota = Kinds['ResourceQuota'];

/** What is asked for fits what there is: containers their LimitRange, workloads their quota, quotas the nodes. */
export const CAPACITY_RULES: readonly Rule[] = [
  { name: 'fits-limit-range', check: checkLimitRanges },
  { name: 'rollout-fits-quota', check: checkQuotas },
  { name: 'quotas-fit-nodes', check: checkNodes },
];

function* checkLimitRanges(landscape: Landscape): Iterable<Violation> {
  for (const { manifest, template } of landscape.podSources())
    for (const [resource, max] of Object.entries(limitRange(landscape, manifest.metadata.namespace)?.max ?? {}))
      for (const { name, resources } of containersOf(template)) {
        const limit = resources?.limits?.[resource];
        if (limit !== undefined && parseQuantity(limit) > parseQuantity(max))
          yield {
            manifest,
            message: `container ${name} has ${resource} limit ${limit}, the namespace's most is ${max}`,
          };
      }
}

function* checkQuotas(landscape: Landscape): Iterable<Violation> {
  for (const manifest of landscape.of('ResourceQuota'))
    for (const [resource, hard] of Object.entries(manifest.spec.hard)) {
      const used = usage(landscape, manifest, resource);
      if (!(used <= parseQuantity(hard)))
        yield {
          manifest,
          message: `${resource} = ${hard}, and the namespace's workloads take ${used} during a rollout`,
        };
    }
}

/** What a namespace's workloads take of a resource, the extra Pods of a rollout included. */
function usage(landscape: Landscape, quota: Quota, resource: string): number {
  const { namespace } = quota.metadata;
  const sources = landscape.podSourcesWithin(namespace).filter((source) => counts(quota, source));
  if (resource === 'pods') return sum(sources.map(({ count }) => count));
  if (resource === 'persistentvolumeclaims') return claims(landscape, namespace).length;
  if (resource === 'requests.storage') return sum(claims(landscape, namespace).map(parseQuantity));
  const [kind, name] = resource.includes('.') ? split(resource) : (['requests', resource] as const);
  const range = limitRange(landscape, namespace);
  const preset = kind === 'requests' ? range?.defaultRequest : range?.default;
  const amount = ({ resources }: Container) =>
    parseQuantity((resources?.[kind] ?? resources?.limits)?.[name] ?? preset?.[name] ?? '0');
  const whole = ({ manifest, template }: PodSource) =>
    sum(containersOf(template).map(amount)) +
    sidecarAmount(landscape, manifest, template.metadata?.annotations, `${kind}.${name}`);
  return sum(sources.map((source) => source.count * whole(source)));
}

function* checkNodes(landscape: Landscape): Iterable<Violation> {
  const { nodes, components } = landscape.cluster;
  const free = {
    'requests.cpu': sum(nodes.map(({ cpu, reserved }) => parseQuantity(cpu) - parseQuantity(reserved.cpu))),
    'requests.memory': sum(nodes.map(({ memory, reserved }) => parseQuantity(memory) - parseQuantity(reserved.memory))),
    // Claims are on the nodes' own disks only where local-path makes them.
    ...(components.includes('local-path') && { 'requests.storage': sum(nodes.map(({ disk }) => parseQuantity(disk))) }),
    pods: sum(nodes.map(({ maxPods }) => maxPods)),
  };
  for (const [resource, most] of Object.entries(free)) {
    const promised = sum(landscape.of('Namespace').map(({ metadata }) => promise(landscape, metadata.name, resource)));
    const [manifest] = landscape.of('ResourceQuota');
    if (manifest && promised > most)
      yield { manifest, message: `all quotas together promise ${resource} = ${promised}, the nodes have ${most}` };
  }
}

/** What a namespace may take at most: its quota for everything, or the sum of its quotas for parts. */
function promise(landscape: Landscape, namespace: string, resource: string): number {
  const quotas = landscape.within('ResourceQuota', namespace);
  const hard = ({ spec }: Quota) => parseQuantity(spec.hard[resource] ?? '');
  const whole = quotas.filter(({ spec }) => !spec.scopeSelector && spec.hard[resource] !== undefined);
  if (whole.length > 0) return Math.min(...whole.map(hard));
  return sum(quotas.filter(({ spec }) => spec.hard[resource] !== undefined).map(hard));
}

function counts({ spec }: Quota, { template }: PodSource): boolean {
  return (spec.scopeSelector?.matchExpressions ?? []).every(({ operator, values = [] }) => {
    const listed = values.includes(template.spec.priorityClassName ?? '');
    return operator === 'In' ? listed : !listed;
  });
}

function claims(landscape: Landscape, namespace: string | undefined): readonly string[] {
  const size = (spec: Kinds['PersistentVolumeClaim']['spec']) => spec.resources?.requests?.['storage'] ?? '';
  return [
    ...landscape.within('PersistentVolumeClaim', namespace).map(({ spec }) => size(spec)),
    ...landscape
      .within('StatefulSet', namespace)
      .flatMap(({ spec: { replicas = 1, volumeClaimTemplates = [] } }) =>
        volumeClaimTemplates.flatMap(({ spec }) => Array<string>(replicas).fill(size(spec))),
      ),
  ];
}

function limitRange(landscape: Landscape, namespace: string | undefined) {
  const [range] = landscape.within('LimitRange', namespace);
  return range?.spec.limits.find(({ type }) => type === 'Container');
}

function split(resource: string): readonly ['requests' | 'limits', string] {
  const dot = resource.indexOf('.');
  return [resource.startsWith('limits.') ? 'limits' : 'requests', resource.slice(dot + 1)];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
