import { END_REASONS, type EndReason } from '../../protocol/control-message.js';
import { condition, sandboxStatus, type Pod, type Terminated } from './pod.js';

/** Why a session ended: its reason, and a sentence for people. */
export interface SessionEnd {
  readonly reason: EndReason;
  readonly message: string;
  /** @default none: the shell did not exit by itself */
  readonly code?: number;
  /** @default none: no signal ended the shell */
  readonly signal?: string;
}

const SENTENCES: Record<EndReason, string> = {
  exited: 'The shell has exited.',
  ended: 'The session was ended.',
  idle: 'Nobody used the session for its idle limit.',
  deadline: 'The session reached its hard limit.',
  'out-of-memory': 'The sandbox ran out of memory.',
  evicted: 'The node needed the room.',
  failed: 'The sandbox failed.',
  lost: 'The node that the sandbox ran on was lost.',
};

/**
 * Reads the reason from a Pod that has finished, is being deleted, or is gone. Kubernetes' own reasons come first, because a keeper that is told to
 * go does not know why; then the keeper's word, which knows the shell's.
 */
export function endOf(pod: Pod): SessionEnd {
  const terminated = sandboxStatus(pod)?.state?.terminated;
  return (
    kubeletWord(pod) ??
    disruption(pod) ??
    keeperWord(terminated) ??
    containerWord(terminated) ??
    (pod.metadata.deletionTimestamp === undefined && pod.status?.phase === 'Failed'
      ? end('failed', pod.status.message)
      : end('ended'))
  );
}

function end(reason: EndReason, detail?: string): SessionEnd {
  return { reason, message: detail ? `${SENTENCES[reason]} ${detail}` : SENTENCES[reason] };
}

/** What containerd and the kubelet give as the reason of an end that they have not seen. */
const UNSEEN_ENDS = ['Unknown', 'ContainerStatusUnknown'];

/** The keeper writes JSON to the termination log; what runs in the sandbox may write there too, so it is checked. */
function keeperWord(terminated: Terminated | undefined): SessionEnd | undefined {
  try {
    const value: unknown = JSON.parse(terminated?.message ?? '');
    if (typeof value !== 'object' || value === null) return undefined;
    const { reason, message, code, signal } = value as Readonly<Record<string, unknown>>;
    const known = END_REASONS.find((candidate) => candidate === reason);
    if (known === undefined) return undefined;
    return {
      reason: known,
      message: typeof message === 'string' && message !== '' ? message.slice(0, 1000) : SENTENCES[known],
      ...(Number.isSafeInteger(code) ? { code: code as number } : {}),
      ...(typeof signal === 'string' ? { signal: signal.slice(0, 20) } : {}),
    };
  } catch {
    return undefined;
  }
}

function kubeletWord(pod: Pod): SessionEnd | undefined {
  switch (pod.status?.reason) {
    case 'Evicted':
      return end('evicted', pod.status.message);
    case 'DeadlineExceeded':
      return end('deadline');
    case 'NodeLost':
      return end('lost');
    default:
      return undefined;
  }
}

function containerWord(terminated: Terminated | undefined): SessionEnd | undefined {
  if (terminated === undefined) return undefined;
  if (terminated.reason === 'OOMKilled') return end('out-of-memory');
  // The runtime lost sight of the container: its node, or the runtime with all it ran, began anew.
  if (UNSEEN_ENDS.includes(terminated.reason ?? '')) return end('lost', 'Nobody saw its shell end.');
  if (terminated.exitCode === 0) return { ...end('exited'), code: 0 };
  // 143: SIGTERM, which is how a deletion ends a keeper that had no time to write.
  if (terminated.exitCode === 143) return end('ended');
  return { ...end('failed', `Exit code ${terminated.exitCode}.`), code: terminated.exitCode };
}

function disruption(pod: Pod): SessionEnd | undefined {
  const target = condition(pod, 'DisruptionTarget');
  if (target?.status !== 'True') return undefined;
  return end(target.reason === 'DeletionByTaintManager' ? 'lost' : 'evicted', target.message);
}
