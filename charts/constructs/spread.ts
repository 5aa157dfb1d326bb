import type { k8s } from 'cdk8s-plus-30';
import { selectorOf } from './labels.js';

/** Prefers to put a workload's Pods on different nodes, and still starts them all where there is only one. */
export function spread(name: string): k8s.TopologySpreadConstraint[] {
  return [
    {
      maxSkew: 1,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: selectorOf(name) },
    },
  ];
}
