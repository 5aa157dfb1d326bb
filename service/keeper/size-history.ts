/** A terminal's size in character cells. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** The size that holds from output byte `offset` on. */
export interface SizeChange extends Size {
  readonly offset: number;
}

/** More changes than this inside one log are not told apart: the oldest are merged. */
const KEPT = 4096;

/** Where in the output the terminal changed its size, so that every reader of the log applies it at the same byte. */
export class SizeHistory {
  private readonly changes: SizeChange[];

  constructor(first: Size) {
    this.changes = [{ offset: 0, columns: first.columns, rows: first.rows }];
  }

  get current(): SizeChange {
    return this.changes.at(-1) as SizeChange;
  }

  /** Whether it was a change. */
  record(offset: number, { columns, rows }: Size): boolean {
    const last = this.current;
    if (last.columns === columns && last.rows === rows) return false;
    if (last.offset === offset) this.changes.pop();
    this.changes.push({ offset, columns, rows });
    if (this.changes.length > KEPT) this.changes.shift();
    return true;
  }

  /** The size at `offset`, a change exactly there included. */
  at(offset: number): SizeChange {
    return this.changes.findLast((change) => change.offset <= offset) ?? (this.changes[0] as SizeChange);
  }

  /** The first change behind `offset`; `undefined` when there is none. */
  after(offset: number): SizeChange | undefined {
    if (this.current.offset <= offset) return undefined;
    return this.changes.find((change) => change.offset > offset);
  }

  /** Forgets what no reader at or behind `offset` needs. */
  forgetBefore(offset: number): void {
    while (this.changes.length > 1 && (this.changes[1] as SizeChange).offset <= offset) this.changes.shift();
  }
}
