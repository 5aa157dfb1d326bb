import type { App } from 'cdk8s';
import type { Cluster } from '../model/cluster.js';
import type { Problem } from '../model/problem.js';

/** One cluster × environment that is rendered: its data, what is wrong with them, and its charts. */
export interface Delivery {
  readonly cluster: Cluster;
  /** Where its files go below the output; empty for the top level, which `kubectl apply -f cdk8s.out` applies. */
  readonly folder: string;
  /** Everything wrong with its data; charts are made only of data without problems. */
  problems(): readonly Problem[];
  /** Adds one chart for each file, named `NN-name` in the order in which they are applied. */
  charts(app: App): void;
  /** What is no object of the cluster, by path below its folder, e.g. a kustomization. @default none */
  readonly files?: Readonly<Record<string, object>>;
}
