import { OPS, encodeDataFrame } from '../protocol/data-frame.js';
import { LIMITS } from '../protocol/limits.js';
import type { KeeperMessage } from '../protocol/control-message.js';
import type { ByteLog } from './byte-log.js';
import type { Snapshot } from './follower.js';
import type { SizeHistory } from './size-history.js';

/** Where an attachment's messages go. */
export interface Sender {
  control(message: KeeperMessage): void;
  data(frame: Uint8Array): void;
  /** Whether it takes more just now; when not, it calls `pump` later. */
  readonly isReady: boolean;
}

/** What every attachment is fed from. */
export interface Source {
  readonly log: ByteLog;
  readonly sizes: SizeHistory;
  snapshot(): Snapshot;
}

/**
 * With this much on its way only whole frames follow: a PTY is read 4 KiB at a time, and every message costs each process
 * between here and the screen the same. What is left is less than a frame and leaves as the acknowledgements come in.
 */
const BULK = LIMITS.dataFrame;

/** One attachment's way through the output: sends it in order, never further ahead of its acknowledgement than allowed. */
export class OutputFeed {
  private next = 0;
  private acknowledged = 0;
  private furthest = 0;
  private sized = 0;
  private state: Buffer | undefined;
  private progressAt: number;

  constructor(
    private readonly source: Source,
    private readonly sender: Sender,
    private readonly now: () => number,
  ) {
    this.progressAt = now();
  }

  /** All output before this byte is on the viewer's screen. */
  get acked(): number {
    return this.acknowledged;
  }

  /** Everything there is has been sent. */
  get isDone(): boolean {
    return this.state === undefined && this.next === this.source.log.end;
  }

  /** Output before `output` is there already; `null`, or a byte that has not been, starts with a replay. */
  start(output: number | null): void {
    const { log } = this.source;
    if (output === null || output > log.end) this.replay();
    else {
      this.next = this.acknowledged = this.furthest = output;
      this.sized = this.source.sizes.at(output).serial;
    }
  }

  replay(): void {
    const { output, columns, rows, sized, state } = this.source.snapshot();
    this.next = this.acknowledged = output;
    this.furthest = Math.max(this.furthest, output);
    this.sized = sized;
    this.state = state;
    this.sender.control({ type: 'replay', output, columns, rows, end: this.source.log.end });
  }

  /** False when that much has never been sent. */
  ack(output: number): boolean {
    if (output > this.furthest) return false;
    const acknowledged = Math.min(output, this.next);
    if (acknowledged > this.acknowledged) {
      this.acknowledged = acknowledged;
      this.progressAt = this.now();
    }
    return true;
  }

  /** Whether output has been waiting for this viewer for `LIMITS.stall`; to be asked about every second. */
  isStalled(): boolean {
    const now = this.now();
    if (this.acknowledged >= this.source.log.end) this.progressAt = now;
    return now - this.progressAt >= LIMITS.stall;
  }

  /** Sends what may be sent. */
  pump(): void {
    while (this.sender.isReady) {
      if (this.state !== undefined) this.sendState(this.state);
      else if (this.next >= this.source.log.start) {
        if (!this.sendOutput()) return;
      } else if (this.acknowledged === this.next) this.skipGap();
      else return; // What it was sent comes first, or a slow viewer would get nothing but replays.
    }
  }

  private sendState(state: Buffer): void {
    this.sender.data(encodeDataFrame(OPS.state, this.next, state.subarray(0, LIMITS.dataFrame)));
    this.state = state.length > LIMITS.dataFrame ? state.subarray(LIMITS.dataFrame) : undefined;
    this.progressAt = this.now();
  }

  private skipGap(): void {
    this.sender.control({ type: 'gap', from: this.next, to: this.source.log.start });
    this.replay();
  }

  private sendOutput(): boolean {
    const { log, sizes } = this.source;
    const change = sizes.after(this.sized);
    if (change !== undefined && change.offset <= this.next) {
      this.sender.control({ type: 'resize', columns: change.columns, rows: change.rows });
      this.sized = change.serial;
      return true;
    }
    const to = Math.min(
      log.end,
      this.acknowledged + LIMITS.outputWindow,
      this.next + LIMITS.dataFrame,
      change?.offset ?? Infinity,
    );
    if (to <= this.next) return false;
    const isWhole = to - this.next === LIMITS.dataFrame || to === change?.offset;
    if (!isWhole && this.next - this.acknowledged >= BULK) return false;
    const frame = encodeDataFrame(OPS.output, this.next, log.slice(this.next, to));
    this.next = to;
    this.furthest = Math.max(this.furthest, to);
    this.sender.data(frame);
    return true;
  }
}
