/**
 * The most recent output: a ring in which a byte keeps the number it got when the session began.
 * Appending costs one copy, whatever the capacity.
 */
export class ByteLog {
  private readonly ring: Buffer;
  private next = 0;

  /** `capacity` in bytes; the memory is touched only as output arrives. */
  constructor(readonly capacity: number) {
    this.ring = Buffer.allocUnsafeSlow(capacity);
  }

  /** The number of the oldest byte still kept. */
  get start(): number {
    return Math.max(0, this.next - this.capacity);
  }

  /** The number that the next byte gets. */
  get end(): number {
    return this.next;
  }

  append(chunk: Uint8Array): void {
    const kept = chunk.length > this.capacity ? chunk.subarray(chunk.length - this.capacity) : chunk;
    const at = (this.next + chunk.length - kept.length) % this.capacity;
    const room = this.capacity - at;
    this.ring.set(kept.length > room ? kept.subarray(0, room) : kept, at);
    if (kept.length > room) this.ring.set(kept.subarray(room), 0);
    this.next += chunk.length;
  }

  /** A copy of bytes `from` (inclusive) to `to` (exclusive). @throws RangeError when they are not all in the log. */
  slice(from: number, to: number): Buffer {
    if (from < this.start || to > this.next || from > to)
      throw new RangeError(`bytes ${from} to ${to}: the log has ${this.start} to ${this.next}`);
    const copy = Buffer.allocUnsafe(to - from);
    const at = from % this.capacity;
    const copied = this.ring.copy(copy, 0, at, Math.min(at + copy.length, this.capacity));
    if (copied < copy.length) this.ring.copy(copy, copied, 0, copy.length - copied);
    return copy;
  }
}
