import type { Berth } from './contenders/berth.js';
import type { Finding } from './finding.js';
import type { Sizes } from './sizes.js';
import type { Absence, Contender } from './terminal.js';

/** How to reach the cluster that the contenders exec into. */
export interface ClusterAddress {
  readonly kubeconfig: string;
  readonly namespace: string;
  readonly container: string;
  /** The command for kubectl and what goes before its own words. */
  readonly kubectl: readonly string[];
}

/** The contenders, ready to be measured. Berth is the first. */
export interface Field {
  readonly berth: Berth;
  readonly contenders: readonly Contender[];
  readonly absent: readonly Absence[];
  /** What a reader must know about this run. */
  readonly remarks: readonly string[];
  readonly cluster: ClusterAddress;
  stop(): Promise<void>;
}

/** What a measure works with. */
export interface Bench {
  readonly sizes: Sizes;
  readonly kind: 'pocket' | 'cluster';
  /** With real shells; started at the first call and kept for the whole run. */
  field(): Promise<Field>;
  /** Where sandboxes that only answer run, for counting; the caller stops it. On a real cluster they are real ones. */
  crowd(): Promise<Field>;
  /** Progress, on stderr. */
  say(text: string): void;
}

/** One thing that is measured. */
export interface Measure {
  readonly name: string;
  /** One sentence for `--help`. */
  readonly about: string;
  /** @default both kinds of cluster */
  readonly only?: 'pocket' | 'cluster';
  run(bench: Bench): Promise<readonly Finding[]>;
}
