/*
 * Between which two bytes a terminal may be cut in half: where the parser is in its ground state and no UTF-8 sequence
 * is open. The states and transitions are those of xterm.js (the VT500 parser of vt100.net, controls decoded from
 * UTF-8); a property test compares the two.
 */
const S = {
  ground: 0,
  escape: 1,
  escapeIntermediate: 2,
  csiEntry: 3,
  csiParameter: 4,
  csiIntermediate: 5,
  csiIgnore: 6,
  osc: 7,
  string: 8,
  dcsEntry: 9,
  dcsParameter: 10,
  dcsIntermediate: 11,
  dcsIgnore: 12,
  dcsBody: 13,
} as const;

const PRINTABLE = 0xa0;
const WIDTH = PRINTABLE + 1;
const ESC = 0x1b;
/** The first byte of every C1 control in UTF-8. */
const C1_LEAD = 0xc2;

const TABLE = transitions();

/** Follows a byte stream and knows the last safe place to cut it. */
export class GroundScanner {
  private state: number = S.ground;
  private missing = 0;
  private length = 0;
  private code = 0;
  private at: number;
  private safe: number;

  /** `offset`: the number of the first byte it will see; the stream is in its ground state there. */
  constructor(offset: number) {
    this.at = offset;
    this.safe = offset;
  }

  /** The number of the next byte it wants. */
  get offset(): number {
    return this.at;
  }

  /** The last safe place at or before `offset`. */
  get boundary(): number {
    return this.safe;
  }

  /** What makes a fresh parser wait for the end of the sequence that is open at `offset`, and ignore its contents. */
  get opener(): string {
    if (this.state === S.osc) return '\x1b]99999;';
    if (this.state === S.dcsBody || this.state === S.dcsIgnore) return '\x1bP?99999z';
    if (this.state === S.string) return '\x1b_';
    return '';
  }

  /** Starts again at `offset`, where the stream is in its ground state. */
  jump(offset: number): void {
    this.state = S.ground;
    this.missing = 0;
    this.at = offset;
    this.safe = offset;
  }

  scan(chunk: Buffer): void {
    const base = this.at;
    let index = 0;
    while (index < chunk.length) {
      if (this.state === S.ground && this.missing === 0) {
        const next = nextControl(chunk, index);
        if (next > index) {
          index = next < chunk.length ? next : completeUntil(chunk, index);
          this.safe = base + index;
          if (index === chunk.length) break;
        }
      }
      this.step(chunk[index] as number);
      index++;
      if (this.state === S.ground && this.missing === 0) this.safe = base + index;
    }
    this.at = base + chunk.length;
  }

  private step(byte: number): void {
    if (this.missing > 0) {
      if ((byte & 0xc0) === 0x80) {
        this.code = (this.code << 6) | (byte & 0x3f);
        this.missing--;
        if (this.missing === 0 && isLegal(this.code, this.length)) this.move(this.code);
        return;
      }
      this.missing = 0;
    }
    if (byte < 0x80) this.move(byte);
    else if (byte >= 0xc0 && byte < 0xf8) {
      this.length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
      this.missing = this.length - 1;
      this.code = byte & (0xff >> (this.length + 1));
    }
  }

  private move(code: number): void {
    this.state = TABLE[this.state * WIDTH + Math.min(code, PRINTABLE)] as number;
  }
}

function isLegal(code: number, length: number): boolean {
  if (length === 2) return code >= 0x80;
  if (length === 3) return code >= 0x800 && (code < 0xd800 || code > 0xdfff) && code !== 0xfeff;
  return code >= 0x10000 && code <= 0x10ffff;
}

/** The first byte from `from` on that can leave the ground state; the chunk's length when there is none. */
function nextControl(chunk: Buffer, from: number): number {
  const escape = chunk.indexOf(ESC, from);
  const limit = escape < 0 ? chunk.length : escape;
  const lead = chunk.subarray(from, limit).indexOf(C1_LEAD);
  return lead < 0 ? limit : from + lead;
}

/** How far the chunk's last UTF-8 sequence is complete. */
function completeUntil(chunk: Buffer, from: number): number {
  for (let back = 1; back <= 3 && chunk.length - back >= from; back++) {
    const byte = chunk[chunk.length - back] as number;
    if (byte < 0x80) break;
    if (byte >= 0xc0) {
      const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf8 ? 4 : 1;
      return length > back ? chunk.length - back : chunk.length;
    }
  }
  return chunk.length;
}

function transitions(): Uint8Array {
  const table = new Uint8Array(14 * WIDTH).fill(S.ground);
  const set = (states: readonly number[], from: number, to: number, next?: number): void => {
    for (const state of states) table.fill(next ?? state, state * WIDTH + from, state * WIDTH + to + 1);
  };
  const all = Object.values(S);
  const waiting = all.filter((state) => state !== S.ground);
  const strings = [S.osc, S.string, S.dcsIgnore, S.dcsBody];
  // C0 controls are executed or ignored in place, except those that cancel or escape.
  set(waiting, 0x00, 0x1f);
  set(waiting, 0x7f, 0x7f);
  set(strings, 0x20, 0x7e);
  set([S.osc, S.csiIgnore, S.dcsIgnore, S.dcsBody], PRINTABLE, PRINTABLE);
  set([S.escape, S.escapeIntermediate], 0x20, 0x2f, S.escapeIntermediate);
  set([S.escape], 0x50, 0x50, S.dcsEntry);
  set([S.escape], 0x58, 0x58, S.string);
  set([S.escape], 0x5b, 0x5b, S.csiEntry);
  set([S.escape], 0x5d, 0x5d, S.osc);
  set([S.escape], 0x5e, 0x5f, S.string);
  set([S.csiEntry, S.csiParameter, S.csiIntermediate], 0x20, 0x2f, S.csiIntermediate);
  set([S.csiEntry, S.csiParameter], 0x30, 0x3b, S.csiParameter);
  set([S.csiEntry], 0x3c, 0x3f, S.csiParameter);
  set([S.csiParameter], 0x3c, 0x3f, S.csiIgnore);
  set([S.csiIntermediate], 0x30, 0x3f, S.csiIgnore);
  set([S.csiIgnore], 0x20, 0x3f);
  set([S.dcsEntry, S.dcsParameter, S.dcsIntermediate], 0x20, 0x2f, S.dcsIntermediate);
  set([S.dcsEntry, S.dcsParameter], 0x30, 0x3b, S.dcsParameter);
  set([S.dcsEntry], 0x3c, 0x3f, S.dcsParameter);
  set([S.dcsParameter], 0x3c, 0x3f, S.dcsIgnore);
  set([S.dcsIntermediate], 0x30, 0x3f, S.dcsIgnore);
  set([S.dcsEntry, S.dcsParameter, S.dcsIntermediate], 0x40, 0x7e, S.dcsBody);
  // From anywhere.
  set(all, 0x18, 0x18, S.ground);
  set(all, 0x1a, 0x1a, S.ground);
  set(all, ESC, ESC, S.escape);
  set([S.osc], 0x07, 0x07, S.ground);
  set(all, 0x80, 0x9f, S.ground);
  set(all, 0x90, 0x90, S.dcsEntry);
  set(all, 0x98, 0x98, S.string);
  set(all, 0x9b, 0x9b, S.csiEntry);
  set(all, 0x9d, 0x9d, S.osc);
  set(all, 0x9e, 0x9f, S.string);
  return table;
}
