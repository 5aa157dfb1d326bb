import type { Peer } from '../constructs/traffic.js';
import { platformFlows } from '../platform/flows.js';
import { namespacesOf } from '../platform/namespaces.js';
import type { Platform } from '../platform/platform.js';
import type { Rectangle } from './svg.js';
import { arrow, box, label, svg } from './svg.js';

const WIDTH = 190;
const HEIGHT = 26;
/** From left to right: who is nearer to the users. */
const COLUMNS = [
  'users',
  'infrastructure',
  'observability',
  'business-logic',
  'integration',
  'data',
  'internet',
] as const;

/** Flows that every Pod has say nothing about the platform. */
const COMMON = /^(names:|the Kubernetes API|the API server|kubelets|the mesh:|metrics)/;

/** A picture of who may talk to whom, from the declared flows: a box for each namespace, an arrow for each pair. */
export function flowMap(platform: Platform): string {
  const namespaces = namespacesOf(platform).map(({ name, tier }) => ({
    name,
    tier: tier === 'worker' ? 'business-logic' : tier,
  }));
  const rows = [{ name: 'users', tier: 'users' }, ...namespaces, { name: 'internet', tier: 'internet' }];
  const places = new Map<string, Rectangle>();
  for (const [column, tier] of COLUMNS.entries())
    rows
      .filter((row) => row.tier === tier)
      .forEach(({ name }, row) => {
        places.set(name, { x: 20 + column * (WIDTH + 70), y: 90 + row * (HEIGHT + 22), width: WIDTH, height: HEIGHT });
      });
  const height = 60 + Math.max(...[...places.values()].map(({ y }) => y));
  const titles = COLUMNS.map((tier, column) => label(20 + column * (WIDTH + 70), 74, tier, 'dim'));
  const boxes = [...places].flatMap(([name, place]) => [box(place, 'box'), label(place.x + 10, place.y + 17, name)]);
  const arrows = [...pairs(platform)].flatMap(([pair, why]) => {
    const [from, to] = pair.split(' ').map((name) => places.get(name));
    return from && to ? [arrow(from, to, `${pair.replace(' ', ' → ')}: ${[...why].join('; ')}`)] : [];
  });
  const { name, environment } = platform.cluster;
  const title = label(
    20,
    34,
    `${name} ${environment}: who may talk to whom (beside DNS, API server, mesh control and metrics)`,
    'title',
  );
  return svg(20 + COLUMNS.length * (WIDTH + 70), height, [title, ...titles, ...arrows, ...boxes]);
}

/** Each pair of namespaces with a flow between them, and why. */
function pairs(platform: Platform): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { from, to, why } of platformFlows(platform)) {
    if (COMMON.test(why)) continue;
    for (const sender of new Set(from === 'anywhere' ? ['users'] : from.map(placeOf)))
      for (const receiver of new Set(to.map(placeOf))) {
        if (sender === receiver) continue;
        const key = `${sender} ${receiver}`;
        found.set(key, (found.get(key) ?? new Set<string>()).add(why));
      }
  }
  return found;
}

function placeOf(peer: Peer): string {
  return 'labels' in peer ? peer.namespace : 'internet';
}
