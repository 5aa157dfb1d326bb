import type { EndReason, Notice } from '../protocol/control-message.js';
import { LIMITS } from '../protocol/limits.js';

export interface EndClockProps {
  /** Milliseconds without activity until the session ends; 0: never. */
  readonly idle: number;
  /** Milliseconds after the start at which the session ends; 0: never. */
  readonly deadline: number;
  readonly now: () => number;
}

/** The keeper ends the session this much before the kubelet would, so that the reason can be told. */
const MARGIN = 15_000;

/** When the session ends by itself, and what its viewers are told before that. */
export class EndClock {
  private readonly idle: number;
  private readonly deadline: number;
  private readonly now: () => number;
  private readonly endsAt: number;
  private activeAt: number;
  private idleNotice: Notice | undefined;
  private deadlineNotice: Notice | undefined;

  constructor({ idle, deadline, now }: EndClockProps) {
    this.idle = idle;
    this.deadline = deadline;
    this.now = now;
    this.activeAt = now();
    this.endsAt = now() + deadline - Math.min(MARGIN, deadline / 10);
  }

  /** Warnings that hold at present, for a viewer that attaches now. */
  get standing(): readonly Notice[] {
    return [this.idleNotice, this.deadlineNotice].filter((notice) => notice !== undefined);
  }

  /** Input, output, an attaching viewer or Extend. */
  touch(): void {
    this.activeAt = this.now();
  }

  /** The answer to Extend. */
  extended(): Notice {
    this.touch();
    this.idleNotice = undefined;
    if (this.idle === 0) return { type: 'notice', notice: 'extended', message: 'This session has no idle limit.' };
    const at = this.activeAt + this.idle;
    return { type: 'notice', notice: 'extended', message: 'The idle limit has moved.', at };
  }

  /** What to tell everybody now, and whether it is over; to be asked about every second. */
  tick(): { readonly notices: readonly Notice[]; readonly end?: EndReason } {
    const notices: Notice[] = [];
    const now = this.now();
    const idleAt = this.activeAt + this.idle;
    if (this.idle > 0) {
      if (now >= idleAt) return { notices, end: 'idle' };
      const isSoon = now >= idleAt - Math.min(LIMITS.warning, this.idle / 2);
      if (!isSoon && this.idleNotice !== undefined) notices.push(this.extended());
      else if (isSoon && this.idleNotice === undefined) {
        const message = 'Nothing has happened here for a while; the session will end.';
        this.idleNotice = { type: 'notice', notice: 'idle-soon', message, at: idleAt };
        notices.push(this.idleNotice);
      }
    }
    if (this.deadline > 0) {
      if (now >= this.endsAt) return { notices, end: 'deadline' };
      if (this.deadlineNotice === undefined && now >= this.endsAt - Math.min(LIMITS.warning, this.deadline / 2)) {
        const message = 'The session will reach its time limit, which cannot be moved.';
        this.deadlineNotice = { type: 'notice', notice: 'deadline-soon', message, at: this.endsAt };
        notices.push(this.deadlineNotice);
      }
    }
    return { notices };
  }
}
