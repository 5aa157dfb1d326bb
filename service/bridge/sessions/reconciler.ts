import { LABELS, sandboxStatus, type Pod } from './pod.js';
import { isApiFailure, type Pods } from './ports.js';
import { isSessionId, podName } from './session-id.js';
import { phaseOf } from './session-phase.js';

export interface ReapingRules {
  /** How long a finished Pod stays, so that its reason can be read. */
  readonly finishedSeconds: number;
  /** How long a sandbox may take to start (it may be queued for a GPU). */
  readonly startSeconds: number;
}

/** What a Pod may exceed its own deadline by before the reconciler does the kubelet's work. */
const DEADLINE_SLACK_SECONDS = 120;

/** Why this Pod must go, or `undefined`: it stays. `now` is in milliseconds since the epoch. */
export function reasonToReap(pod: Pod, rules: ReapingRules, now: number): string | undefined {
  const { name, labels, creationTimestamp, deletionTimestamp } = pod.metadata;
  // Already on its way. Never force: a Pod on a lost node may still be running.
  if (deletionTimestamp !== undefined) return undefined;
  const id = labels?.[LABELS.session] ?? '';
  if (!isSessionId(id) || name !== podName(id)) return 'it has no session';
  if (!labels?.[LABELS.user]) return 'its session has no user';
  const age = (since: string | undefined): number => (since === undefined ? 0 : (now - Date.parse(since)) / 1000);
  const phase = phaseOf(pod, now);
  if (phase === 'ended') {
    return age(finishedAt(pod)) >= rules.finishedSeconds ? `it finished ${rules.finishedSeconds} s ago` : undefined;
  }
  if (phase === 'starting' && pod.status?.startTime === undefined && age(creationTimestamp) >= rules.startSeconds) {
    return `it did not start within ${rules.startSeconds} s`;
  }
  const deadline = pod.spec?.activeDeadlineSeconds;
  const running = age(pod.status?.startTime ?? creationTimestamp);
  if (deadline !== undefined && running >= deadline + DEADLINE_SLACK_SECONDS)
    return `its limit of ${deadline} s is over`;
  return undefined;
}

function finishedAt(pod: Pod): string | undefined {
  return (
    sandboxStatus(pod)?.state?.terminated?.finishedAt ??
    pod.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ??
    pod.metadata.creationTimestamp
  );
}

/**
 * Deletes the Pods that no session needs. Every replica runs one, without a leader: the uid precondition makes a second
 * delete harmless.
 */
export class Reconciler {
  constructor(
    private readonly pods: Pods,
    private readonly rules: ReapingRules,
    /** Told what was reaped and why, or what went wrong. */
    private readonly report: (pod: string, reason: string, error?: unknown) => void,
    private readonly now: () => number = Date.now,
  ) {}

  /** Looks once at every Pod. Nothing happens while the watch fails: deleting on stale news would be wrong. */
  async sweep(): Promise<void> {
    let pods: readonly Pod[];
    try {
      pods = this.pods.current();
    } catch (error) {
      if (isApiFailure(error)) return;
      throw error;
    }
    for (const pod of pods) {
      const reason = reasonToReap(pod, this.rules, this.now());
      if (reason !== undefined) await this.reap(pod, reason);
    }
  }

  private async reap(pod: Pod, reason: string): Promise<void> {
    try {
      await this.pods.delete(pod.metadata.name, pod.metadata.uid ?? '');
      this.report(pod.metadata.name, reason);
    } catch (error) {
      if (!isApiFailure(error)) throw error;
      if (error.status !== 404 && error.status !== 409) this.report(pod.metadata.name, reason, error);
    }
  }
}
