import type { RolloutSpec } from '../../imports/types/argoproj.io/Rollout.js';

/** A release that Argo Rollouts carries out step by step. */
export type ProgressiveStrategy = NonNullable<RolloutSpec['strategy']>;

/** Name of the Service that shows a new version before it is live. */
export function previewOf(name: string): string {
  return `${name}-preview`;
}

/**
 * The whole new version beside the old one, then all traffic at once; twice the Pods until the old ones go after 30 s.
 * Somebody promotes it, and looks at it before through the Service of `previewOf(name)`.
 */
export function blueGreen(name: string): ProgressiveStrategy {
  return {
    blueGreen: {
      activeService: name,
      previewService: previewOf(name),
      autoPromotionEnabled: false,
      scaleDownDelaySeconds: 30,
    },
  };
}

export interface CanaryProps {
  /** The VirtualService whose weights the Rollout alone owns, and its routes. */
  readonly virtualService: { readonly name: string; readonly routes: readonly string[] };
  /** The DestinationRule with the subsets `stable` and `canary`. */
  readonly destinationRule: string;
  /** Percentages of traffic that the new version gets, each until somebody promotes it. */
  readonly weights: readonly number[];
}

/** A share of the traffic for the new version, in steps, by the mesh. */
export function canary({ virtualService, destinationRule, weights }: CanaryProps): ProgressiveStrategy {
  return {
    canary: {
      maxSurge: 1,
      maxUnavailable: 0,
      steps: weights.flatMap((setWeight) => [{ setWeight }, { pause: {} }]),
      trafficRouting: {
        istio: {
          virtualService: { name: virtualService.name, routes: [...virtualService.routes] },
          destinationRule: { name: destinationRule, stableSubsetName: 'stable', canarySubsetName: 'canary' },
        },
      },
    },
  };
}
