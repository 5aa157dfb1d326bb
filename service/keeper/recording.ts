import { LIMITS } from '../protocol/limits.js';
import { ByteLog } from './byte-log.js';
import type { Clock } from './clock.js';
import { Follower } from './follower.js';
import type { Claim, Member } from './roles.js';
import type { Shell, ShellExit, StartShell } from './shell.js';
import { SizeHistory } from './size-history.js';
import type { Size } from './size-history.js';
import { TerminalState } from './terminal-state.js';

export interface RecordingProps {
  readonly startShell: StartShell;
  readonly size: Size;
  readonly logBytes: number;
  readonly clock: Clock;
  /** So many bytes have been added to the log. */
  readonly onOutput: (length: number) => void;
  /** The terminal's state has come closer to the end of the log. */
  readonly onFollowed: () => void;
  readonly onFailure: () => void;
  readonly onExit: (exit: ShellExit) => void;
}

/** The terminal's state follows at once when it lags this far, else when the output pauses. */
const EAGER = 1024 * 1024;
const LAG = 2 * EAGER;
/** A pause in the output, in milliseconds. */
const QUIET = 40;

/** A running shell, its output, and the state of the terminal that the output has made. */
export class Recording {
  readonly log: ByteLog;
  readonly sizes: SizeHistory;
  readonly follower: Follower;
  readonly shell: Shell;
  private readonly clock: Clock;
  private readonly onFollowed: () => void;
  private readonly eager: number;
  private readonly lag: number;
  private outputAt = 0;
  private isFollowing = false;
  private isWaiting = false;

  constructor({ startShell, size, logBytes, clock, onOutput, onFollowed, onFailure, onExit }: RecordingProps) {
    this.clock = clock;
    this.onFollowed = onFollowed;
    this.log = new ByteLog(logBytes);
    this.sizes = new SizeHistory(size);
    const terminal = new TerminalState(size);
    this.follower = new Follower({ log: this.log, sizes: this.sizes, terminal, onFailure });
    this.eager = Math.min(EAGER, logBytes / 4);
    this.lag = Math.min(LAG, logBytes / 2);
    this.shell = startShell(size, {
      output: (chunk) => {
        this.record(chunk);
        onOutput(chunk.length);
      },
      exited: onExit,
    });
  }

  /** From the next byte on; the program is told. */
  resize(size: Size): void {
    if (this.sizes.record(this.log.end, size)) this.shell.resize(size);
  }

  /**
   * Reads on while `writer` has acknowledged enough, or – it was lost – while what `claim` has not acknowledged stays in
   * the log; and while the terminal's state keeps up.
   */
  allow(writer: Member | undefined, claim: Claim | undefined): void {
    const { end, capacity } = this.log;
    let budget = this.lag - this.follower.lag;
    if (writer !== undefined) budget = Math.min(budget, writer.acked + LIMITS.outputWindow - end);
    else if (claim !== undefined) budget = Math.min(budget, claim.acked + capacity - end);
    if (budget >= this.shell.maxRead) this.shell.resume();
    else this.shell.pause();
  }

  private record(chunk: Uint8Array): void {
    this.follower.makeRoom(chunk.length);
    this.log.append(chunk);
    this.sizes.forgetBefore(this.log.start);
    this.outputAt = this.clock.now();
    if (this.follower.lag >= this.eager) this.follow();
    else this.followWhenQuiet();
  }

  private follow(): void {
    if (this.isFollowing) return;
    this.isFollowing = true;
    this.clock.soon(() => {
      this.isFollowing = false;
      this.follower.step();
      this.onFollowed();
      if (this.follower.lag >= this.eager / 2 || (this.follower.lag > 0 && this.isQuiet)) this.follow();
      else if (this.follower.lag > 0) this.followWhenQuiet();
    });
  }

  private followWhenQuiet(): void {
    if (this.isWaiting || this.isFollowing) return;
    this.isWaiting = true;
    this.clock.after(QUIET, () => {
      this.isWaiting = false;
      if (this.follower.lag === 0) return;
      if (this.isQuiet) this.follow();
      else this.followWhenQuiet();
    });
  }

  private get isQuiet(): boolean {
    return this.clock.now() - this.outputAt >= QUIET;
  }
}
