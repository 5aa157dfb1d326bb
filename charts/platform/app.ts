import type { Check } from '../constructs/probes.js';
import type { Size } from './platform.js';

/** One of the platform's own workloads, as a row of its table: what it is, and how large it is here. */
export interface App extends AppDefinition, AppFigures {}

/** What is the same in every environment. */
export interface AppDefinition {
  readonly name: string;
  readonly tier: 'business-logic' | 'worker' | 'integration';
  /** Its namespace, and the value of the label `domain`. */
  readonly domain: string;
  /** What it serves. @default nothing: a worker */
  readonly ports?: Readonly<Partial<Record<AppPort, number>>>;
  readonly check: Check;
  readonly release: Release;
  /** Everything below this path of the platform's host is its. @default it is not published */
  readonly path?: string;
  /** What it calls: `postgres`, `chat-api`, `character-api:grpc`, or `internet`. */
  readonly calls: readonly string[];
  /** Settings beside the addresses of what it calls. @default none */
  readonly config?: Readonly<Record<string, string>>;
  /** Keys of its domain's Secret that it gets as variables. @default none */
  readonly secrets?: readonly string[];
}

/** What an environment says about it. */
export interface AppFigures extends Size {
  readonly image: string;
  /** A fixed number of Pods, or as many as the load asks for. */
  readonly scale: { readonly replicas: number } | { readonly min: number; readonly max: number };
  /** Fits its requests to what it uses; not together with a scale by load. @default not at all */
  readonly vertical?: 'Off' | 'Initial' | 'Recreate';
  /** The version that runs beside it, when its release is a canary by route. @default none */
  readonly canary?: { readonly image: string; readonly weight: number };
}

export type AppPort = 'http' | 'grpc';

/** How a new version takes over. */
export type Release =
  | 'RollingUpdate'
  | 'Recreate'
  | 'BlueGreen'
  /** In steps of these percentages; Argo Rollouts owns the weights of its route. */
  | { readonly steps: readonly number[] }
  /** A second version beside it, with a fixed share of the traffic; its VirtualService owns the weights. */
  | { readonly versions: readonly [stable: string, canary: string] };

/** The most Pods that an app has when nothing is being released. */
export function mostReplicas({ scale }: Pick<AppFigures, 'scale'>): number {
  return 'max' in scale ? scale.max : scale.replicas;
}

/** Name of the second version's workload. */
export function canaryName(name: string, version: string): string {
  return `${name}-${version}`;
}

/** The port of metrics, which the mesh leaves alone so that Prometheus needs no certificate; policies open it to Prometheus only. */
export const METRICS_PORT = 9090;
