import type { ByteLog } from './byte-log.js';
import { GroundScanner } from './ground-scanner.js';
import type { Size, SizeHistory } from './size-history.js';
import type { TerminalState } from './terminal-state.js';

export interface FollowerProps {
  readonly log: ByteLog;
  readonly sizes: SizeHistory;
  readonly terminal: TerminalState;
  /** Called when the emulator failed on some bytes; what they showed is lost, nothing else. @default nothing */
  readonly onFailure?: () => void;
}

/** What a viewer needs to start anew: the state of a reset terminal of `columns` × `rows` at output byte `output`. */
export interface Snapshot extends Size {
  readonly output: number;
  /** The serial of the last size change in it. */
  readonly sized: number;
  readonly state: Buffer;
  /** A full-screen program is running; it should redraw. */
  readonly isAlternate: boolean;
}

/** One step's work, about 6 ms. */
const STEP = 64 * 1024;
/** A sequence longer than this is parsed before its end has come. */
const LONGEST_SEQUENCE = 64 * 1024;
/** Plain text shorter than this is parsed rather than skipped. */
const WORTH_SKIPPING = 128 * 1024;
const LOOK_AHEAD = 1024 * 1024;

const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;
const ESCAPE = 0x1b;
const SHIFTS = [0x0e, 0x0f];
/** SGR sequences that take every earlier one back (ECMA-48, 8.3.117). */
const RESETS = [Buffer.from('\x1b[m'), Buffer.from('\x1b[0m')];

/** Reads the log into the terminal, some way behind its end, and only as far as it may be cut there. */
export class Follower {
  private readonly log: ByteLog;
  private readonly sizes: SizeHistory;
  private readonly terminal: TerminalState;
  private readonly onFailure: () => void;
  private readonly scanner: GroundScanner;
  private at: number;
  private sized: number;

  constructor({ log, sizes, terminal, onFailure = () => undefined }: FollowerProps) {
    this.log = log;
    this.sizes = sizes;
    this.terminal = terminal;
    this.onFailure = onFailure;
    this.at = log.end;
    this.sized = sizes.current.serial;
    this.scanner = new GroundScanner(log.end);
  }

  /** Everything before this byte is in the terminal. */
  get offset(): number {
    return this.at;
  }

  /** How much it has not looked at. */
  get lag(): number {
    return this.log.end - this.scanner.offset;
  }

  /** Does one step. */
  step(): void {
    this.applySizes();
    if (this.lag >= WORTH_SKIPPING && this.skip()) return;
    const from = this.scanner.offset;
    const change = this.sizes.after(this.sized);
    // A change inside a sequence: what has come of that is parsed at the old size.
    if (change?.offset === from) this.advance(from);
    else {
      const to = Math.min(this.log.end, from + STEP, change?.offset ?? Infinity);
      this.scanner.scan(this.log.slice(from, to));
      this.advance(to - this.scanner.boundary > LONGEST_SEQUENCE ? to : this.scanner.boundary);
    }
    this.applySizes();
  }

  catchUp(): void {
    while (this.lag > 0) this.step();
    this.applySizes();
  }

  /** Parses what the next `length` bytes would push out of the log. */
  makeRoom(length: number): void {
    const oldest = this.log.end + length - this.log.capacity;
    while (this.at < Math.min(oldest, this.log.end)) {
      if (this.lag > 0) this.step();
      else this.advance(this.log.end);
    }
  }

  snapshot(): Snapshot {
    this.catchUp();
    const { columns, rows, isAlternate } = this.terminal;
    const state = Buffer.concat([Buffer.from(this.terminal.serialize()), this.opened()]);
    return { output: this.at, columns, rows, isAlternate, sized: this.sized, state };
  }

  /** What puts a parser where this one is, in the middle of a sequence; nothing in the usual case. */
  private opened(): Buffer {
    const { boundary, opener } = this.scanner;
    if (boundary >= this.at) return Buffer.alloc(0);
    if (boundary < this.log.start || this.at - boundary > LONGEST_SEQUENCE) return Buffer.from(opener);
    return this.log.slice(boundary, this.at);
  }

  private applySizes(): void {
    for (let change = this.sizes.after(this.sized); change !== undefined && change.offset <= this.at;) {
      this.terminal.resize(change);
      this.sized = change.serial;
      change = this.sizes.after(this.sized);
    }
  }

  private advance(to: number): void {
    if (to <= this.at) return;
    const isFine = this.terminal.write(this.log.slice(this.at, to));
    if (!isFine) this.onFailure();
    this.at = to;
  }

  /**
   * Jumps over text of which nothing would remain: once as many lines have followed as screen and scrollback hold,
   * whatever was there before has gone. It lands on a carriage return, so that the column is known, and where colours
   * are used before a reset of them, so that the pen is, in time for what remains.
   */
  private skip(): boolean {
    const lines = this.terminal.linesToForget;
    if (lines === undefined || this.scanner.offset !== this.at || this.scanner.boundary !== this.at) return false;
    const limit = Math.min(this.log.end, this.at + LOOK_AHEAD, this.sizes.after(this.sized)?.offset ?? Infinity);
    const ahead = this.log.slice(this.at, limit);
    const text = ahead.subarray(0, firstControl(ahead));
    let tail = text.length;
    for (let line = 0; line < lines && tail > 0; line++) tail = text.lastIndexOf(LINE_FEED, tail - 1);
    if (tail > 0) tail = text.lastIndexOf(CARRIAGE_RETURN, tail);
    if (tail < WORTH_SKIPPING / 2) return false;
    const isColoured = text.lastIndexOf(ESCAPE, tail - 1) >= 0;
    if (isColoured) tail = text.lastIndexOf(CARRIAGE_RETURN, lastReset(text, tail));
    if (tail < WORTH_SKIPPING / 2) return false;
    this.at += tail;
    this.scanner.jump(this.at);
    return true;
  }
}

/** Where something other than text and its colours begins: another sequence, a shift, or a C1 control. */
function firstControl(bytes: Buffer): number {
  let end = bytes.length;
  for (let at = bytes.indexOf(ESCAPE); at >= 0;) {
    const after = afterColour(bytes, at);
    if (after === undefined) {
      end = at;
      break;
    }
    at = bytes.indexOf(ESCAPE, after);
  }
  for (const shift of SHIFTS) {
    const found = bytes.subarray(0, end).indexOf(shift);
    if (found >= 0) end = found;
  }
  for (let at = bytes.indexOf(0xc2); at >= 0 && at + 1 < end; at = bytes.indexOf(0xc2, at + 1)) {
    const next = bytes[at + 1] as number;
    if (next >= 0x80 && next < 0xa0) return at;
  }
  return end;
}

/** Where the whole SGR sequence (ECMA-48, 8.3.117) that begins at `at` ends; `undefined`: it is something else. */
function afterColour(bytes: Buffer, at: number): number | undefined {
  if (bytes[at + 1] !== 0x5b) return undefined;
  for (let index = at + 2; index < bytes.length; index++) {
    const byte = bytes[index] as number;
    if (byte === 0x6d) return index + 1;
    // Digits, ':' and ';'.
    if (byte < 0x30 || byte > 0x3b) return undefined;
  }
  return undefined;
}

/** Where the last reset of all colours before `end` begins; 0: there is none. */
function lastReset(text: Buffer, end: number): number {
  return Math.max(0, ...RESETS.map((reset) => text.lastIndexOf(reset, end - reset.length)));
}
