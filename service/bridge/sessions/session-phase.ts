import type { SessionPhase } from '../../protocol/api.js';
import { condition, type Pod } from './pod.js';

/** A Pod that should have been gone this long ago (milliseconds) sits on a node that does not answer. */
const OVERDUE = 60_000;

/** `now` is in milliseconds since the epoch. */
export function phaseOf(pod: Pod, now: number): SessionPhase {
  const { deletionTimestamp } = pod.metadata;
  const phase = pod.status?.phase;
  if (phase === 'Succeeded' || phase === 'Failed') return 'ended';
  const ready = condition(pod, 'Ready')?.status;
  // The kubelet keeps the two equal. When its node stops answering, the node controller changes Ready alone. Until the
  // node returns nobody can end what runs there, whether or not its Pod has been deleted meanwhile.
  const silent = ready !== 'True' && condition(pod, 'ContainersReady')?.status === 'True';
  if (silent || ready === 'Unknown' || pod.status?.reason === 'NodeLost') return 'lost';
  // The timestamp already includes the grace period.
  if (deletionTimestamp !== undefined) return now > Date.parse(deletionTimestamp) + OVERDUE ? 'lost' : 'ending';
  return ready === 'True' ? 'running' : 'starting';
}

/** Whether a session takes one of its user's places: a lost one does not, because its user cannot end it. */
export function takesPlace(pod: Pod, now: number): boolean {
  const phase = phaseOf(pod, now);
  return phase === 'starting' || phase === 'running';
}
