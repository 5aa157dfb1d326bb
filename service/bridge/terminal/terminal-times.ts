import { LIMITS } from '../../protocol/limits.js';

/** How patient the terminal edge is, in milliseconds; the protocol's limits unless a test is in a hurry. */
export interface TerminalTimes {
  readonly firstMessage: number;
  readonly heartbeat: number;
  readonly silence: number;
  readonly stall: number;
  /** How often the browser is sent a WebSocket ping. */
  readonly browserPing: number;
  /** How often all of these are looked at. */
  readonly tick: number;
}

export const TERMINAL_TIMES: TerminalTimes = {
  firstMessage: LIMITS.firstMessage,
  heartbeat: LIMITS.heartbeat,
  silence: LIMITS.silence,
  stall: LIMITS.stall,
  browserPing: 27_000,
  tick: 1_000,
};
