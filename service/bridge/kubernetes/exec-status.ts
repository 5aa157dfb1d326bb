import { parseStatus } from './api-error.js';

/** How an exec ended. `lost`: no Status came, so the process may live on; everything else is the kubelet's word. */
export type ExecEnd =
  | { readonly kind: 'exited'; readonly code: number }
  /** The command did not start or its end is not known: dial errors, a missing container. */
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'lost'; readonly message: string };

/** Reads the Status that channel 3 carries once, at the end. */
export function readExecStatus(body: string): ExecEnd {
  const status = parseStatus(body);
  if (status === undefined) return { kind: 'failed', message: body.slice(0, 500) };
  if (status.status === 'Success') return { kind: 'exited', code: 0 };
  const exitCode = status.details?.causes?.find((cause) => cause.reason === 'ExitCode')?.message;
  if (exitCode !== undefined) return { kind: 'exited', code: Number(exitCode) };
  return { kind: 'failed', message: status.message ?? status.reason ?? 'the command failed' };
}
