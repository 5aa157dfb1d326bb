import type { KubeConfig, V1Node, V1Pod } from '@kubernetes/client-node';
import { CoreV1Api, Metrics, VersionApi } from '@kubernetes/client-node';
import { parseQuantity } from '../model/quantity.js';
import { TIERS } from '../platform/platform.js';

/** A cluster at a glance. Amounts are cores and bytes. */
export interface ClusterStatus {
  readonly context: string;
  readonly server: string;
  readonly version: string;
  readonly nodes: readonly NodeStatus[];
  readonly namespaces: readonly { readonly name: string; readonly tier: string; readonly phase: string }[];
  /** Running Pods by tier; those of no tier are not counted. */
  readonly podsByTier: Readonly<Record<string, number>>;
}

export interface NodeStatus {
  readonly name: string;
  readonly pool: string;
  readonly ready: boolean;
  readonly version: string;
  readonly pods: number;
  readonly maxPods: number;
  readonly requested: Amounts;
  readonly allocatable: Amounts;
  /** @default the cluster has no metrics */
  readonly used?: Amounts;
}

export interface Amounts {
  readonly cpu: number;
  readonly memory: number;
}

/** Asks the API server for what the seed's cluster-status.sh shows. */
export async function clusterStatus(config: KubeConfig, partOf: string): Promise<ClusterStatus> {
  const core = config.makeApiClient(CoreV1Api);
  const [version, nodes, namespaces, pods, usage] = await Promise.all([
    config.makeApiClient(VersionApi).getCode(),
    core.listNode(),
    core.listNamespace({ labelSelector: `app.kubernetes.io/part-of=${partOf}` }),
    core.listPodForAllNamespaces(),
    usageOf(config),
  ]);
  const alive = pods.items.filter(({ status }) => !['Succeeded', 'Failed'].includes(status?.phase ?? ''));
  return {
    context: config.getCurrentContext(),
    server: config.getCurrentCluster()?.server ?? '',
    version: version.gitVersion,
    nodes: nodes.items.map((node) => nodeStatus(node, alive, usage)),
    namespaces: namespaces.items.map(({ metadata, status }) => ({
      name: metadata?.name ?? '',
      tier: metadata?.labels?.['tier'] ?? '',
      phase: status?.phase ?? '',
    })),
    podsByTier: Object.fromEntries(
      TIERS.map((tier) => [tier, alive.filter(({ metadata }) => metadata?.labels?.['tier'] === tier).length]),
    ),
  };
}

function nodeStatus(node: V1Node, pods: readonly V1Pod[], usage: ReadonlyMap<string, Amounts>): NodeStatus {
  const name = node.metadata?.name ?? '';
  const here = pods.filter(({ spec }) => spec?.nodeName === name);
  const allocatable = node.status?.allocatable ?? {};
  const used = usage.get(name);
  return {
    name,
    pool: node.metadata?.labels?.['node-pool'] ?? '',
    ready: (node.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True'),
    version: node.status?.nodeInfo?.kubeletVersion ?? '',
    pods: here.length,
    maxPods: Number(allocatable['pods'] ?? 0),
    requested: { cpu: requested(here, 'cpu'), memory: requested(here, 'memory') },
    allocatable: amounts(allocatable),
    ...(used && { used }),
  };
}

function requested(pods: readonly V1Pod[], resource: string): number {
  return pods
    .flatMap(({ spec }) => spec?.containers ?? [])
    .reduce((sum, { resources }) => sum + parseQuantity(resources?.requests?.[resource] ?? '0'), 0);
}

/** Use by node; nothing where metrics-server does not answer. */
async function usageOf(config: KubeConfig): Promise<ReadonlyMap<string, Amounts>> {
  try {
    const { items } = await new Metrics(config).getNodeMetrics();
    return new Map(items.map(({ metadata, usage }) => [metadata.name, amounts({ ...usage })]));
  } catch {
    return new Map();
  }
}

function amounts(quantities: Readonly<Record<string, string>>): Amounts {
  // metrics-server counts in nanocores.
  const cpu = quantities['cpu'] ?? '0';
  const cores = cpu.endsWith('n') ? Number(cpu.slice(0, -1)) / 1e9 : parseQuantity(cpu);
  return { cpu: cores, memory: parseQuantity(quantities['memory'] ?? '0') };
}

/** A cluster's status for a terminal. */
export function statusLines(status: ClusterStatus): readonly string[] {
  const share = (part: number, whole: number) => (whole > 0 ? `${Math.round((100 * part) / whole)} %` : '–');
  const metrics = status.nodes.some(({ used }) => used);
  return [
    `context    ${status.context}`,
    `server     ${status.server}, Kubernetes ${status.version}`,
    '',
    ...table(
      ['node', 'pool', 'ready', 'version', 'pods', 'CPU requested', 'memory requested', 'CPU used', 'memory used'],
      status.nodes.map(({ name, pool, ready, version, pods, maxPods, requested: asked, allocatable, used }) => [
        name,
        pool,
        ready ? 'yes' : 'NO',
        version,
        `${pods}/${maxPods}`,
        share(asked.cpu, allocatable.cpu),
        share(asked.memory, allocatable.memory),
        used ? share(used.cpu, allocatable.cpu) : '–',
        used ? share(used.memory, allocatable.memory) : '–',
      ]),
    ),
    ...(metrics ? [] : ['metrics not available']),
    '',
    ...table(
      ['namespace', 'tier', 'phase'],
      status.namespaces.map(({ name, tier, phase }) => [name, tier, phase]),
    ),
    '',
    ...table(
      ['tier', 'pods'],
      Object.entries(status.podsByTier).map(([tier, pods]) => [tier, String(pods)]),
    ),
  ];
}

/** Rows under a heading, in columns. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = heading.map((title, index) => Math.max(title.length, ...rows.map((row) => (row[index] ?? '').length)));
  return [heading, ...rows].map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
