import { LIMITS } from '../../protocol/limits.js';

/** A piece of input that may be sent now: its number and its bytes. */
export interface InputChunk {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Typed bytes kept until the keeper has acknowledged them; more than this many are refused. */
export const INPUT_QUEUE_LIMIT = 32 * 1024 * 1024;

/**
 * What this viewer typed: numbered, kept until acknowledged, sent within the credit `LIMITS.inputWindow`,
 * and sent again from wherever the keeper says it stands. So a reconnect neither loses a byte nor types one twice.
 */
export class InputQueue {
  /** Number of the first byte that is not known to be typed. */
  private first = 0;
  /** Number of the first byte that was not sent over the present socket. */
  private next = 0;
  /** The bytes from `first` on. */
  private readonly pieces: Uint8Array[] = [];
  private length = 0;
  /** Set while an interrupt is on its way: the number it carries. */
  private interrupted: number | undefined;

  /** The first input byte not known to be acknowledged: what `hello` says. */
  get unacknowledged(): number {
    return this.first;
  }

  /** Bytes typed and not acknowledged. */
  get size(): number {
    return this.length;
  }

  /** Whether all of `bytes` was taken; nothing of it is when it would exceed `INPUT_QUEUE_LIMIT`. */
  push(bytes: Uint8Array): boolean {
    if (this.length + bytes.length > INPUT_QUEUE_LIMIT) return false;
    if (bytes.length === 0) return true;
    this.pieces.push(bytes);
    this.length += bytes.length;
    return true;
  }

  /** The next chunk within the credit, at most `LIMITS.dataFrame` bytes; `undefined` when there is none now. */
  take(): InputChunk | undefined {
    const end = Math.min(this.first + this.length, this.first + LIMITS.inputWindow, this.next + LIMITS.dataFrame);
    if (end <= this.next) return undefined;
    const bytes = this.copy(this.next - this.first, end - this.first);
    const offset = this.next;
    this.next = end;
    return { offset, bytes };
  }

  /** All before `input` was typed. */
  acknowledge(input: number): void {
    if (this.interrupted !== undefined && input >= this.interrupted) this.interrupted = undefined;
    if (input > this.first && input <= this.next) this.drop(input - this.first);
  }

  /**
   * The keeper expects byte `input` next: what was sent from there on is sent again.
   * Returns the number for a fresh `interrupt` when the last one did not arrive.
   */
  restart(input: number): number | undefined {
    if (this.interrupted !== undefined && input < this.interrupted) {
      this.next = this.first;
      return this.interrupted;
    }
    this.interrupted = undefined;
    // Beyond what was sent: the same tab before its reload. The unsent bytes are new and take the keeper's numbers.
    if (input > this.first) this.drop(Math.min(input, this.next) - this.first);
    this.first = input;
    this.next = input;
    return undefined;
  }

  /** Drops all that is queued and returns the number that `interrupt` carries; `undefined` when nothing is queued. */
  interrupt(): number | undefined {
    if (this.length === 0) return undefined;
    this.drop(this.next - this.first);
    this.discard();
    this.interrupted = this.first;
    return this.first;
  }

  /** Forgets what was not sent; what was sent stays until it is acknowledged. */
  discardUnsent(): void {
    const kept = this.next - this.first;
    const bytes = this.copy(0, kept);
    this.discard();
    this.push(bytes);
  }

  /** Forgets all bytes, e.g. because somebody else types now. Numbers go on from what was sent. */
  discardAll(): void {
    this.first = this.next;
    this.discard();
  }

  /** Starts the numbering again, for a new viewer. */
  reset(): void {
    this.discard();
    this.interrupted = undefined;
    this.first = 0;
    this.next = 0;
  }

  private discard(): void {
    this.pieces.length = 0;
    this.length = 0;
  }

  private drop(count: number): void {
    let rest = count;
    while (rest > 0) {
      const piece = this.pieces[0];
      if (piece === undefined) break;
      if (piece.length <= rest) this.pieces.shift();
      else this.pieces[0] = piece.subarray(rest);
      rest -= Math.min(piece.length, rest);
    }
    this.length -= count - rest;
    this.first += count;
    this.next = Math.max(this.next, this.first);
  }

  private copy(from: number, to: number): Uint8Array {
    const bytes = new Uint8Array(to - from);
    let position = 0;
    for (const piece of this.pieces) {
      const start = Math.max(from - position, 0);
      const end = Math.min(to - position, piece.length);
      if (end > start) bytes.set(piece.subarray(start, end), position + start - from);
      position += piece.length;
      if (position >= to) break;
    }
    return bytes;
  }
}
