import type { NamespaceLimits } from '../constructs/namespace-guard.js';
import type { Amounts } from '../constructs/quantities.js';
import type { Cluster } from '../model/cluster.js';
import type { App } from './app.js';
import type { DeliveryData, HelmApplication } from './delivery-data.js';
import type { Postgres, Rabbitmq, Redis } from './stores.js';

/** The layers of a platform, each a value of the label `tier`. */
export const TIERS = ['business-logic', 'worker', 'integration', 'data', 'observability', 'infrastructure'] as const;
export type Tier = (typeof TIERS)[number];

/** A platform of one environment: the whole of what is rendered for it, as data. */
export interface Platform {
  readonly cluster: Cluster;
  /** The value of `app.kubernetes.io/part-of` on everything. */
  readonly partOf: string;
  /** The cloud that its nodes are virtual machines of. */
  readonly provider: { readonly name: 'aws'; readonly region: string };
  /** The name under which the outside reaches it, over HTTPS. */
  readonly host: string;
  /** The load balancer's certificate, as its cloud names it. */
  readonly certificate: string;
  readonly pools: readonly NodePool[];
  /** Which pool the Pods of each tier run on. */
  readonly placement: Readonly<Record<Tier, string>>;
  readonly apps: readonly App[];
  readonly postgres: Postgres;
  readonly redis: Redis;
  readonly rabbitmq: Rabbitmq;
  readonly observability: Observability;
  /** Every namespace that is not a domain of `apps`. */
  readonly namespaces: readonly NamespaceRow[];
  readonly storageClass: string;
  /** `loose`: everything of the platform may talk to everything; `strict`: only declared flows. */
  readonly networkPolicy: 'loose' | 'strict';
  /** What the mesh's container in each Pod requests and may use. */
  readonly sidecar: Size;
  /** For containers that say nothing, and the most that one may have. */
  readonly limits: NamespaceLimits;
  /** Where secrets are: the store's entries start with this path. */
  readonly secretPath: string;
  readonly delivery: DeliveryData;
  readonly applications: readonly HelmApplication[];
}

/** Nodes that are alike: their label `node-pool`, and the taint that keeps other Pods off. */
export interface NodePool {
  readonly name: string;
  /** Value of the taint `workload-type`. @default none: the control plane, which has a taint of its own */
  readonly workloadType?: string;
  /** Name → address. */
  readonly machines: Readonly<Record<string, string>>;
}

/** What one container requests, and its limits. */
export interface Size {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

/** A store that keeps files on claims of one size. */
export interface StoredSize extends Size {
  /** Bytes of each claim. */
  readonly storage: string;
}

export interface Observability {
  readonly prometheus: StoredSize & { readonly image: string; readonly replicas: number; readonly retention: string };
  readonly alertmanager: StoredSize & { readonly image: string; readonly replicas: number };
  readonly elasticsearch: StoredSize & { readonly image: string; readonly heap: string };
  readonly fluentBit: Size & { readonly image: string };
}

/** A namespace outside the mesh. */
export interface NamespaceRow {
  readonly name: string;
  readonly tier: 'data' | 'integration' | 'observability' | 'infrastructure';
  /** What Pod Security refuses there. @default restricted */
  readonly podSecurity?: 'restricted' | 'baseline' | 'privileged';
  /** What all its Pods may request and use together. */
  readonly quota: Amounts;
}

/** The labels by which people ask for a part of the platform. */
export function partLabels({ partOf, cluster }: Platform, tier: Tier, domain: string): Record<string, string> {
  return { 'app.kubernetes.io/part-of': partOf, tier, domain, environment: cluster.environment };
}
