import { Landscape } from '../invariants/landscape.js';
import { machinesOf, podsToPlace } from '../invariants/placing.js';
import type { Filled } from '../model/fit.js';
import { fit, use } from '../model/fit.js';
import type { Platform } from '../platform/platform.js';
import { platformDelivery } from '../platform/platform-delivery.js';
import { render } from '../render/render.js';
import { box, label, svg } from './svg.js';

const COLUMN = 240;
const LINE = 16;

/** A picture of an environment's nodes by pool, and of what may run on each at its largest. */
export function clusterMap(platform: Platform): string {
  const filled = placement(platform);
  const columns = filled.map((node, index) => column(node, 20 + index * (COLUMN + 16)));
  const height = 90 + Math.max(...columns.map(({ lines }) => lines)) * LINE;
  const width = 24 + columns.length * (COLUMN + 16);
  const { name, environment } = platform.cluster;
  const heading = label(
    20,
    30,
    `${name} ${environment}: every Pod at its largest, a release of everything under way`,
    'title',
  );
  const boxes = columns.map(({ x }) => box({ x, y: 46, width: COLUMN, height: height - 62 }, 'node'));
  return svg(width, height, [heading, ...boxes, ...columns.flatMap(({ text }) => text)]);
}

/** What each node would then have. */
export function placement(platform: Platform): readonly Filled[] {
  const manifests = render(platformDelivery(platform)).flatMap((file) => file.manifests);
  const landscape = new Landscape(platform.cluster, manifests, false);
  return fit(machinesOf(platform.cluster), podsToPlace(landscape)).filled;
}

/** A line for each node: what is requested of what there is, and how many Pods of how many. */
export function capacityLines(platform: Platform): readonly string[] {
  return placement(platform).map((node) => {
    const { machine, placed } = node;
    return `${platform.cluster.environment} ${machine.name}: ${figures(node)}, ${placed.length} of ${machine.pods} Pods`;
  });
}

function figures(node: Filled): string {
  const { cpu, memory } = node.machine;
  const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(1);
  return `${use(node, 'cpu').toFixed(2)} of ${cpu.toFixed(1)} CPUs, ${gib(use(node, 'memory'))} of ${gib(memory)} GiB`;
}

function column(node: Filled, x: number) {
  const counts = new Map<string, number>();
  for (const { name } of node.placed) {
    const [, namespace = '', pod = ''] = name.split('/');
    const shown = namespace === pod ? pod : `${namespace}/${pod}`;
    counts.set(shown, (counts.get(shown) ?? 0) + 1);
  }
  const rows = [...counts].map(([name, count]) => (count === 1 ? name : `${name} ×${count}`)).sort();
  const pool = node.machine.labels['node-pool'] ?? '';
  const text = [
    label(x + 10, 66, `${node.machine.name} · ${pool}`, 'title'),
    label(x + 10, 84, figures(node), 'dim'),
    ...rows.map((row, index) => label(x + 10, 106 + index * LINE, row)),
  ];
  return { x, text, lines: rows.length + 2 };
}
