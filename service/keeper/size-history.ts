/** A terminal's size in character cells. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** The size that holds from output byte `offset` on. */
export interface SizeChange extends Size {
  readonly offset: number;
  /** Counts up; a reader remembers the last one it has applied. */
  readonly serial: number;
}

/** More changes than this inside one log: the oldest is forgotten. */
const KEPT = 4096;

/** Where in the output the terminal changed its size, so that every reader of the log applies it at the same byte. */
export class SizeHistory {
  private readonly changes: SizeChange[];

  constructor(first: Size) {
    this.changes = [{ offset: 0, serial: 0, columns: first.columns, rows: first.rows }];
  }

  get current(): SizeChange {
    return this.changes.at(-1) as SizeChange;
  }

  /** Whether it was a change. */
  record(offset: number, { columns, rows }: Size): boolean {
    const last = this.current;
    if (last.columns === columns && last.rows === rows) return false;
    this.changes.push({ offset, serial: last.serial + 1, columns, rows });
    if (this.changes.length > KEPT) this.changes.shift();
    return true;
  }

  /** The size at `offset`, a change exactly there included. */
  at(offset: number): SizeChange {
    return this.changes.findLast((change) => change.offset <= offset) ?? (this.changes[0] as SizeChange);
  }

  /** The first change behind the one with `serial`; `undefined` when there is none. */
  after(serial: number): SizeChange | undefined {
    if (this.current.serial <= serial) return undefined;
    return this.changes.find((change) => change.serial > serial);
  }

  /** Forgets what no reader at or behind `offset` needs. */
  forgetBefore(offset: number): void {
    while (this.changes.length > 1 && (this.changes[1] as SizeChange).offset <= offset) this.changes.shift();
  }
}
