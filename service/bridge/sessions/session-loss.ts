import { condition, type Pod } from './pod.js';

/**
 * What is known of a session whose node does not answer, for people. The time is when the cluster noticed: up to a minute
 * after the node fell silent.
 */
export function lossOf(pod: Pod): string {
  const node = pod.spec?.nodeName === undefined ? 'The node' : `Node ${pod.spec.nodeName}`;
  const noticed = condition(pod, 'Ready')?.lastTransitionTime;
  const since = noticed === undefined ? '' : ` since ${noticed.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')}`;
  const outlook =
    pod.metadata.deletionTimestamp === undefined
      ? 'The session waits for it.'
      : 'The session has been given up and ends when the node returns.';
  return `${node} does not answer${since}. ${outlook}`;
}
