import { LIMITS } from '../protocol/limits.js';

/** Viewers remembered; the one that has been away longest is forgotten first. */
const REMEMBERED = 256;

/**
 * Where one viewer's numbered input stands: `acknowledged` ≤ `typed` ≤ `accepted`. Between the last two is what waits for
 * the terminal.
 */
export interface InputStream {
  accepted: number;
  typed: number;
  acknowledged: number;
}

/** The input of every viewer that has been here lately, so that a reconnect types nothing twice and loses nothing. */
export class InputStreams {
  private readonly streams = new Map<string, InputStream>();

  /** The stream of `viewer`; a new one begins at byte `first`, and one that knows less than the viewer moves on to it. */
  of(viewer: string, first: number): InputStream {
    const stream = this.streams.get(viewer) ?? { accepted: first, typed: first, acknowledged: first };
    if (first > stream.accepted) stream.accepted = stream.typed = stream.acknowledged = first;
    this.streams.delete(viewer);
    this.streams.set(viewer, stream);
    if (this.streams.size > REMEMBERED) this.streams.delete(this.streams.keys().next().value as string);
    return stream;
  }
}

/** Where typed bytes go: how many of them the kernel took, 0 when it would have to wait. */
export type TypeBytes = (bytes: Uint8Array) => number;

export interface InputQueueProps {
  readonly type: TypeBytes;
  /** Interrupts the running program another way, when the terminal takes no Ctrl-C. */
  readonly interrupt: () => void;
  /** More of `stream` has been typed. */
  readonly onTyped: (stream: InputStream) => void;
  /** Calls back in `ms` milliseconds. */
  readonly after: (ms: number, work: () => void) => void;
}

/** How soon the terminal is asked again whether it takes more. */
const RETRY = 4;
const CTRL_C = Uint8Array.of(3);

/** What the writer has sent and the terminal has not taken. */
export class InputQueue {
  private chunks: { readonly stream: InputStream; readonly bytes: Uint8Array }[] = [];
  private isRetrying = false;

  constructor(private readonly props: InputQueueProps) {}

  /**
   * `typed`: it was taken or will be; `known`: nothing in it was new; `hole`: bytes before it are missing and nothing
   * was taken; `flood`: the viewer sent more than its window.
   */
  add(stream: InputStream, offset: number, bytes: Uint8Array): 'typed' | 'known' | 'hole' | 'flood' {
    if (offset > stream.accepted) return 'hole';
    const fresh = bytes.subarray(Math.min(bytes.length, stream.accepted - offset));
    if (fresh.length === 0) return 'known';
    if (stream.accepted - stream.typed + fresh.length > LIMITS.inputWindow) return 'flood';
    stream.accepted += fresh.length;
    this.chunks.push({ stream, bytes: fresh });
    if (!this.isRetrying) this.pump();
    return 'typed';
  }

  /** Ctrl-C ahead of everything before byte `input`, which counts as typed. */
  interrupt(stream: InputStream, input: number): void {
    const rest = input < stream.accepted ? this.waiting(stream, input) : undefined;
    this.chunks = [];
    stream.accepted = Math.max(stream.accepted, input);
    stream.typed = Math.max(stream.typed, input);
    if (this.props.type(CTRL_C) === 0) this.props.interrupt();
    if (rest !== undefined && rest.length > 0) this.chunks.push({ stream, bytes: rest });
    this.props.onTyped(stream);
    if (!this.isRetrying) this.pump();
  }

  /** Drops what waits: its writer is one no longer, and will be told what was typed. */
  drop(): void {
    for (const { stream } of this.chunks) stream.accepted = stream.typed;
    this.chunks = [];
  }

  private waiting(stream: InputStream, from: number): Uint8Array {
    const all = Buffer.concat(this.chunks.map(({ bytes }) => bytes));
    return all.subarray(Math.max(0, from - stream.typed));
  }

  private pump(): void {
    let told: InputStream | undefined;
    for (let head = this.chunks[0]; head !== undefined; head = this.chunks[0]) {
      const { stream, bytes } = head;
      const taken = this.props.type(bytes);
      stream.typed += taken;
      if (taken > 0) told = stream;
      if (taken === bytes.length) this.chunks.shift();
      else {
        this.chunks[0] = { stream, bytes: bytes.subarray(taken) };
        this.retry();
        break;
      }
    }
    if (told !== undefined) this.props.onTyped(told);
  }

  private retry(): void {
    this.isRetrying = true;
    this.props.after(RETRY, () => {
      this.isRetrying = false;
      this.pump();
    });
  }
}
