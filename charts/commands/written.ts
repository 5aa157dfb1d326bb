import { ECO2_DEV } from '../clusters/eco2/dev.js';
import { ECO2_PROD } from '../clusters/eco2/prod.js';
import { capacityLines, clusterMap } from './cluster-map.js';
import { flowMap } from './flow-map.js';
import { review, reviewLines } from './review.js';

/** The committed review, line by line: differences of the environments, then what fits where. */
export function reviewed(): readonly string[] {
  return [
    ...reviewLines(review(ECO2_DEV, ECO2_PROD), ['dev', 'prod']),
    ...[ECO2_DEV, ECO2_PROD].flatMap(capacityLines),
  ];
}

/** The pictures of the README, by file name. */
export function pictures(): Readonly<Record<string, string>> {
  return {
    'eco2-dev-nodes.svg': clusterMap(ECO2_DEV),
    'eco2-prod-nodes.svg': clusterMap(ECO2_PROD),
    'eco2-flows.svg': flowMap(ECO2_PROD),
  };
}
