/**
 * Every limit of the wire, in one place. Sizes are bytes, times are milliseconds.
 * A limit that an operator may change is a default here and an environment variable of the keeper or the bridge.
 */
export const LIMITS = {
  /** Output sent to a viewer and not acknowledged by it. Also the most that a connected writer leaves unacknowledged. */
  outputWindow: 512 * 1024,
  /** Input sent by a viewer and not acknowledged by the keeper. */
  inputWindow: 64 * 1024,
  /** Bytes in one data frame. A kubelet's exec stream carries up to 32 KiB a message. */
  dataFrame: 32 * 1024,
  /** One WebSocket message or one message in the pipe, header included. */
  message: 64 * 1024,
  /** Output that the keeper keeps; what is older can no longer be resumed from. */
  log: 4 * 1024 * 1024,
  /** After the writer is lost the keeper lets the program wait this long rather than overwrite what it has not acknowledged. */
  hold: 60_000,
  /** How often the bridge sends a `ping` down an attachment. */
  heartbeat: 15_000,
  /** An attachment that says nothing for this long is closed by the keeper. */
  silence: 45_000,
  /** A viewer that makes no progress for this long while output waits for it is closed with 4408. */
  stall: 60_000,
  /** The first message must arrive this soon after the socket is open. */
  firstMessage: 5_000,
  /** How far ahead of an end by limit every viewer is told. */
  warning: 600_000,
  /** The size of a terminal: columns and rows. */
  columns: 1000,
  rows: 1000,
} as const;
