import type { Gap, Replay, Resize } from '../../protocol/control-message.js';
import type { DataFrame } from '../../protocol/data-frame.js';
import type { Clock } from './clock.js';
import type { Screen } from './screen.js';

export interface OutputReceiverProps {
  readonly screen: Screen;
  readonly clock: Clock;
  /** All output before `output` is on the screen (or, in a hidden page, here). */
  readonly acknowledge: (output: number) => void;
  /** Output was missed: ask for a replay. */
  readonly requestReplay: () => void;
  /** Output that nobody can have any more. */
  readonly dropped: (gap: Gap) => void;
}

/** Acknowledgements wait for this many bytes to have been drawn, … */
export const ACK_EVERY = 32 * 1024;
/** … or this long, in milliseconds: a message for every echo would travel beside every key. */
export const ACK_WITHIN = 40;

/** A hidden page keeps this much output for later; beyond it the page asks for a replay when it is seen again. */
export const PARKED_LIMIT = 4 * 1024 * 1024;

type Step =
  | { readonly kind: 'write'; readonly bytes: Uint8Array; readonly repeated: boolean; readonly end: number | undefined }
  | { readonly kind: 'reset'; readonly columns: number; readonly rows: number }
  | { readonly kind: 'resize'; readonly columns: number; readonly rows: number };

/**
 * Puts the numbered output on a screen, each byte once, and acknowledges it.
 *
 * A hidden page's timers are slow, so it acknowledges on receipt and parks the output: a tab in the background must
 * never make a build wait.
 */
export class OutputReceiver {
  /** The first byte that did not arrive; `undefined` before the first replay or hello. */
  private received: number | undefined;
  private acknowledged = 0;
  /** Everything before it is on the screen. */
  private drawn = 0;
  private cancelAck: (() => void) | undefined;
  /** Output before this was answered by the page that saw it first. */
  private repeatedUntil = 0;
  /** A replay makes the callbacks of older writes meaningless. */
  private epoch = 0;
  private hidden = false;
  private parked: Step[] = [];
  private parkedBytes = 0;
  /** Parked output was thrown away, or a piece never came: only a replay helps. */
  private broken = false;

  constructor(private readonly props: OutputReceiverProps) {}

  /** What `hello` says: the first byte it lacks, or `null` for a replay. A new socket starts here. */
  resume(): number | null {
    if (this.broken || this.received === undefined) return null;
    this.acknowledged = this.drawn = this.received;
    return this.received;
  }

  output(frame: DataFrame): void {
    if (this.received === undefined || this.broken) return this.skip(frame);
    if (frame.offset > this.received) {
      this.broken = true;
      this.props.requestReplay();
      return;
    }
    const fresh = frame.bytes.subarray(this.received - frame.offset);
    if (fresh.length === 0) return;
    const repeated = this.received < this.repeatedUntil;
    this.received += fresh.length;
    this.play({ kind: 'write', bytes: fresh, repeated, end: this.received });
  }

  state(frame: DataFrame): void {
    if (!this.broken) this.play({ kind: 'write', bytes: frame.bytes, repeated: true, end: undefined });
  }

  replay({ output, end, columns, rows }: Replay): void {
    this.epoch++;
    this.broken = false;
    this.received = output;
    this.acknowledged = this.drawn = output;
    this.repeatedUntil = end ?? output;
    this.clearParked();
    this.play({ kind: 'reset', columns, rows });
  }

  gap(gap: Gap): void {
    if (this.received !== undefined && this.received < gap.to) this.received = gap.to;
    this.props.dropped(gap);
  }

  resize({ columns, rows }: Pick<Resize, 'columns' | 'rows'>): void {
    this.play({ kind: 'resize', columns, rows });
  }

  /** The page went to the background, or came back. */
  setHidden(hidden: boolean): void {
    if (this.hidden === hidden) return;
    this.hidden = hidden;
    if (hidden) {
      if (this.received !== undefined) this.acknowledgeUpTo(this.received);
      return;
    }
    if (this.broken) this.props.requestReplay();
    const steps = this.parked;
    this.clearParked();
    for (const step of steps) this.play(step);
  }

  private play(step: Step): void {
    if (this.hidden) return this.park(step);
    if (step.kind === 'reset') return this.props.screen.reset(step.columns, step.rows);
    if (step.kind === 'resize') return this.props.screen.resize(step.columns, step.rows);
    const { epoch } = this;
    this.props.screen.write(step.bytes, step.repeated, () => {
      if (epoch !== this.epoch || step.end === undefined) return;
      this.drawn = step.end;
      if (step.end - this.acknowledged >= ACK_EVERY) this.acknowledgeUpTo(step.end);
      else this.cancelAck ??= this.props.clock.after(ACK_WITHIN, () => this.acknowledgeUpTo(this.drawn));
    });
  }

  private park(step: Step): void {
    this.parked.push(step);
    if (step.kind !== 'write') return;
    this.parkedBytes += step.bytes.length;
    if (step.end !== undefined) this.acknowledgeUpTo(step.end);
    if (this.parkedBytes <= PARKED_LIMIT) return;
    this.clearParked();
    this.broken = true;
  }

  /** Output that will never be drawn is still acknowledged, or it would hold back the program. */
  private skip(frame: DataFrame): void {
    if (this.received === undefined) return;
    this.received = Math.max(this.received, frame.offset + frame.bytes.length);
    this.acknowledgeUpTo(this.received);
  }

  private acknowledgeUpTo(output: number): void {
    this.cancelAck?.();
    this.cancelAck = undefined;
    if (output <= this.acknowledged) return;
    this.acknowledged = output;
    this.props.acknowledge(output);
  }

  private clearParked(): void {
    this.parked = [];
    this.parkedBytes = 0;
  }
}
