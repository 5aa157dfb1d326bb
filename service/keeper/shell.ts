import type { Size } from './size-history.js';

/** How the shell ended. */
export interface ShellExit {
  readonly code: number;
  /** Its name. @default none: the shell exited by itself */
  readonly signal?: string | undefined;
}

export interface ShellEvents {
  /** Output, in order; `chunk` is valid during the call only and never longer than `maxRead`. */
  output(chunk: Uint8Array): void;
  /** After the last output. */
  exited(exit: ShellExit): void;
}

/** The process tree on the PTY, as the keeper's core sees it. */
export interface Shell {
  readonly pid: number;
  /** The most that one `output` brings. */
  readonly maxRead: number;
  /** How many bytes the kernel took; 0 when it would have to wait. */
  write(bytes: Uint8Array): number;
  resize(size: Size): void;
  /** No output until `resume`; the program waits when the kernel's buffer is full. */
  pause(): void;
  resume(): void;
  /** SIGINT to the program in the foreground. */
  interrupt(): void;
  /** Makes the program in the foreground draw its screen again. */
  redraw(): void;
  /** SIGHUP to everything on the PTY, SIGKILL to what is left a moment later; `exited` follows. */
  end(): void;
  /** SIGKILL to whatever is left of it. */
  sweep(): void;
}

export type StartShell = (size: Size, events: ShellEvents) => Shell;
