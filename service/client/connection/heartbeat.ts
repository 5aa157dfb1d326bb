import type { Pong } from '../../protocol/control-message.js';
import type { Clock } from './clock.js';

export interface HeartbeatProps {
  readonly clock: Clock;
  readonly ping: (id: number) => void;
  /** Milliseconds there and back. */
  readonly measured: (lag: number) => void;
  /** Nothing at all was heard for `DEAD_AFTER` while a ping was out. */
  readonly dead: () => void;
}

/** Milliseconds. */
export const PING_EVERY = 5_000;
export const DEAD_AFTER = 15_000;

/** Asks the keeper whether it is there, measures the lag, and notices a socket that is open in name only. */
export class Heartbeat {
  private id = 0;
  private sentAt: number | undefined;
  private heardAt = 0;
  private cancel: (() => void) | undefined;

  constructor(private readonly props: HeartbeatProps) {}

  start(): void {
    this.stop();
    this.heardAt = this.props.clock.now();
    this.beat();
  }

  stop(): void {
    this.cancel?.();
    this.cancel = undefined;
    this.sentAt = undefined;
  }

  /** Some message came: the socket lives. */
  heard(): void {
    this.heardAt = this.props.clock.now();
  }

  answered({ from, id }: Pong): void {
    if (from !== 'viewer' || id !== this.id || this.sentAt === undefined) return;
    this.props.measured(this.props.clock.now() - this.sentAt);
    this.sentAt = undefined;
  }

  /** Looks at once instead of at the next beat. */
  check(): void {
    if (this.cancel === undefined) return;
    this.cancel();
    this.beat();
  }

  private beat(): void {
    const now = this.props.clock.now();
    const outstanding = this.sentAt !== undefined;
    if (outstanding && now - Math.max(this.heardAt, this.sentAt ?? 0) >= DEAD_AFTER) return this.props.dead();
    this.cancel = this.props.clock.after(PING_EVERY, () => this.beat());
    if (outstanding) return;
    this.sentAt = now;
    this.props.ping(++this.id);
  }
}
