import type { WebSocket } from 'ws';
import { PIPE_KINDS, type PipeKind } from '../../protocol/pipe.js';
import type { TerminalCounters } from './terminal-counters.js';

/** The keeper is not read while more than this waits for the browser, in bytes; it is again under a quarter. */
const HIGH_WATER = 256 * 1024;

export interface DownstreamProps {
  readonly socket: WebSocket;
  readonly counters: TerminalCounters;
  /** Too much is waiting: stop reading, or read on. */
  readonly onFull: (full: boolean) => void;
  readonly now: () => number;
}

/** Hands messages to the browser, and says when the browser does not take them. */
export class Downstream {
  private waiting = 0;
  private full = false;
  private progressAt = 0;

  constructor(private readonly props: DownstreamProps) {}

  /** Bytes that were accepted and not yet given to the network. */
  get undelivered(): number {
    return this.waiting;
  }

  /** For how long something has been waiting without any of it getting away, in milliseconds. */
  stalledFor(now: number): number {
    return this.waiting === 0 ? 0 : now - this.progressAt;
  }

  send(kind: PipeKind, message: Uint8Array | string): void {
    const { socket, counters, now } = this.props;
    const size = typeof message === 'string' ? Buffer.byteLength(message) : message.length;
    if (this.waiting === 0) this.progressAt = now();
    this.waiting += size;
    counters.accepted(size, this.waiting);
    socket.send(message, { binary: kind === PIPE_KINDS.binary }, () => this.delivered(size));
    if (socket.bufferedAmount > HIGH_WATER) this.setFull(true);
  }

  private delivered(size: number): void {
    this.waiting -= size;
    this.progressAt = this.props.now();
    this.props.counters.delivered(size);
    if (this.props.socket.bufferedAmount < HIGH_WATER / 4) this.setFull(false);
  }

  private setFull(full: boolean): void {
    if (this.full === full) return;
    this.full = full;
    this.props.onFull(full);
  }
}
