import type { k8s } from 'cdk8s-plus-30';
import type { NodePool, Platform, Tier } from './platform.js';

/** The label that a node's pool is known by. */
export const POOL_LABEL = 'node-pool';

/** The taint that keeps a pool for its own kind of work. */
export const POOL_TAINT = 'workload-type';

/** A toleration as Kubernetes and every operator's CRD write it. */
export interface PoolToleration {
  readonly key: string;
  readonly operator: 'Equal';
  readonly value: string;
  readonly effect: 'NoSchedule';
}

/** Where Pods of a tier may and must run. */
export interface Placement {
  readonly nodeSelector: Record<string, string>;
  readonly tolerations: PoolToleration[];
}

/** The pool of a tier. */
export function poolOf({ pools, placement }: Platform, tier: Tier): NodePool {
  const pool = pools.find(({ name }) => name === placement[tier]);
  if (!pool) throw new Error(`placement.${tier}: there is no pool "${placement[tier]}"`);
  return pool;
}

/** Puts Pods of a tier on its pool: the label attracts them, the toleration lets them in. */
export function placed(platform: Platform, tier: Tier): Placement {
  const { name, workloadType } = poolOf(platform, tier);
  return {
    nodeSelector: { [POOL_LABEL]: name },
    tolerations:
      workloadType === undefined
        ? []
        : [{ key: POOL_TAINT, operator: 'Equal', value: workloadType, effect: 'NoSchedule' }],
  };
}

/** For a DaemonSet: every node, whatever its taint. */
export const EVERYWHERE: k8s.Toleration[] = [{ operator: 'Exists' }];
