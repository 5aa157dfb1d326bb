import type { Amounts } from '../constructs/quantities.js';
import { parseQuantity } from '../model/quantity.js';
import type { App } from './app.js';
import { mostReplicas } from './app.js';
import type { NamespaceRow, Platform, Size, Tier } from './platform.js';

/** A namespace of the platform: its tier, whether the mesh is in it, and what it may use. */
export interface PlatformNamespace {
  readonly name: string;
  readonly tier: Tier;
  /** Whether each Pod gets the mesh's sidecar. Stores, operators and observability are outside: see the mesh's chart. */
  readonly mesh: boolean;
  readonly podSecurity: NonNullable<NamespaceRow['podSecurity']>;
  readonly quota: Amounts;
}

/** Every namespace of the platform, the domains of its apps first. */
export function namespacesOf(platform: Platform): readonly PlatformNamespace[] {
  const domains = [...new Set(platform.apps.map(({ domain }) => domain))].map((name) => {
    const apps = platform.apps.filter(({ domain }) => domain === name);
    // A domain's namespace belongs to its API; its workers say `worker` on their own labels.
    const tier = apps.find((app) => app.tier !== 'worker')?.tier ?? 'worker';
    return { name, tier, mesh: true, podSecurity: 'restricted', quota: quotaOf(apps, platform.sidecar) } as const;
  });
  const outside = platform.namespaces.map((row) => ({ podSecurity: 'restricted', ...row, mesh: false }) as const);
  return [...domains, ...outside];
}

/** What a domain's apps take at their largest while all of them are released at once. */
function quotaOf(apps: readonly App[], sidecar: Size): Amounts {
  const total = (kind: 'requests' | 'limits', resource: string) =>
    apps.reduce((sum, app) => {
      const one = parseQuantity(app[kind][resource] ?? '0') + parseQuantity(sidecar[kind][resource] ?? '0');
      return sum + podsDuringRelease(app) * one;
    }, 0);
  return {
    pods: String(apps.reduce((sum, app) => sum + podsDuringRelease(app), 0)),
    'requests.cpu': `${Math.ceil(total('requests', 'cpu') * 1000)}m`,
    'requests.memory': `${Math.ceil(total('requests', 'memory') / 2 ** 20)}Mi`,
    'limits.cpu': `${Math.ceil(total('limits', 'cpu') * 1000)}m`,
    'limits.memory': `${Math.ceil(total('limits', 'memory') / 2 ** 20)}Mi`,
  };
}

/** The most Pods of an app at any moment: one more than its replicas, twice as many, or a second version beside them. */
export function podsDuringRelease(app: Pick<App, 'release' | 'scale'>): number {
  const replicas = mostReplicas(app);
  if (app.release === 'Recreate') return replicas;
  if (app.release === 'BlueGreen') return 2 * replicas;
  if (typeof app.release === 'object' && 'versions' in app.release) return replicas + 1 + 2;
  return replicas + 1;
}
