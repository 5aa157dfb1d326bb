import type { Exit, Role } from '../../protocol/control-message.js';

/**
 * What a person may know about the connection.
 * `attaching`: a socket is being opened, or is open and the keeper has not answered. `waiting`: the next try is at
 * `until` (milliseconds since the epoch). `checking`: asking the bridge whether the session is still there.
 */
export type ConnectionState =
  | { readonly kind: 'attaching'; readonly again: boolean }
  | { readonly kind: 'attached'; readonly role: Role; readonly viewers: number }
  | { readonly kind: 'waiting'; readonly until: number; readonly attempt: number }
  | { readonly kind: 'checking' }
  | Stopped;

/** It will not try again by itself. */
export interface Stopped {
  readonly kind: 'stopped';
  readonly reason: StopReason;
  readonly message: string;
  /** @default none: the shell's end was not reported */
  readonly exit?: Exit | undefined;
}

export type StopReason = 'login' | 'ended' | 'gone' | 'forbidden' | 'version' | 'malformed' | 'left';

/** What `GET api/sessions/:id` means for a page that wants to attach again. */
export type Probe =
  | { readonly kind: 'attach' }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'stop'; readonly reason: StopReason; readonly message: string; readonly exit?: Exit | undefined };
