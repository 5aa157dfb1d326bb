import { blankCell, coreOf } from './emulator.js';
import type { Cell, EmulatorCore, Line, ScreenBuffer } from './emulator.js';
import { isPlainBackground, Pen } from './pen.js';
import type { Terminal } from '@xterm/headless';

/**
 * Writes a screen as the bytes that draw it on a blank terminal of the same size: every cell with its attributes,
 * which lines are wrapped, and the lines that have scrolled away. The serialise addon of xterm.js loses cells and
 * attributes where colours, wrapped lines and scrolling meet.
 */
export class ScreenPainter {
  readonly pen: Pen;
  private readonly core: EmulatorCore;
  private readonly cell: Cell;
  private readonly columns: number;

  constructor(terminal: Terminal) {
    this.core = coreOf(terminal);
    this.cell = blankCell(terminal);
    this.columns = terminal.cols;
    this.pen = new Pen(this.core._oscLinkService);
  }

  /** What draws `buffer`, with the cursor wherever it ends up; at most `bytes` long unless the visible screen is longer. */
  paint(buffer: ScreenBuffer, bytes: number): string {
    const pieces: Piece[] = [];
    let text = this.pen.reset();
    // A first line that continues another, gone by now, is drawn below one that is scrolled away.
    const isOrphan = buffer.ybase === 0 && buffer.lines.get(0).isWrapped;
    if (isOrphan) text += `\x1b[${this.columns}G  \r\x1b[X`;
    let line = 0;
    for (let index = 0; index < buffer.lines.length; index++) {
      const current = buffer.lines.get(index);
      if (index > 0 && current.isWrapped) text += this.wrap(buffer.lines.get(index - 1));
      else if (index > 0) {
        pieces.push({ line, text: `${text}${this.pen.reset()}\r\n` });
        line = index;
        text = '';
      }
      text += this.row(current, index + 1 < buffer.lines.length && buffer.lines.get(index + 1).isWrapped);
    }
    pieces.push({ line, text });
    return `${joinNewest(pieces, buffer.ybase, bytes)}${isOrphan ? '\x1b[3J' : ''}`;
  }

  /** The character left of a cursor at `x`, `y`, to be drawn again, so that the next one joins it or wraps as it would have. */
  lastCharacter(buffer: ScreenBuffer, x: number, y: number): LastCharacter | undefined {
    const { cell, columns } = this;
    const line = buffer.lines.get(buffer.ybase + y);
    for (const width of [1, 2]) {
      const column = x - width;
      if (column < 0) return undefined;
      line.loadCell(column, cell);
      if (Math.max(cell.getWidth(), 1) === width && cell.getChars() !== '')
        return { column, pen: this.pen.set(cell), chars: cell.getChars() };
      if (cell.getWidth() !== 0) break;
    }
    if (x < columns) return undefined;
    return { column: columns - 1, pen: this.pen.set(line.loadCell(columns - 1, cell)), chars: ' ' };
  }

  /** `isContinued`: what the last column lacks, `wrap` leaves there. */
  private row(line: Line, isContinued: boolean): string {
    const { cell, columns, pen } = this;
    let drawn = '';
    let gap = 0;
    for (let column = 0; column < columns;) {
      line.loadCell(column, cell);
      const width = cell.getWidth();
      const chars = width === 2 && column === columns - 1 ? '' : cell.getChars();
      if (chars === '' && isPlainBackground(cell)) {
        const until = this.endOfBlank(line, column);
        if (line.loadCell(column, cell).bg !== 0) {
          drawn += `${move(gap)}${pen.setBackground(cell)}\x1b[${until - column}X`;
          gap = 0;
        }
        gap += until - column;
        column = until;
        continue;
      }
      if (chars === '' && isContinued && column === columns - 1) break;
      if (width === 0) pen.forget(); // The SGR keeps it from joining the character to its left.
      drawn += `${move(gap)}${pen.set(cell)}${chars === '' ? ' ' : chars}`;
      gap = 0;
      column += chars === '' ? 1 : Math.max(width, 1);
    }
    return drawn;
  }

  /** The column behind the empty cells of one background that begin at `column`. */
  private endOfBlank(line: Line, column: number): number {
    const { cell } = this;
    const { bg } = line.loadCell(column, cell);
    let until = column + 1;
    while (until < this.columns) {
      line.loadCell(until, cell);
      if (cell.bg !== bg || cell.fg !== 0 || cell.getChars() !== '') break;
      until++;
    }
    return until;
  }

  /** From the end of `line`, just drawn, into the next one, which continues it: only a character can do that. */
  private wrap(line: Line): string {
    const { cell, columns, pen } = this;
    const tail = line.loadCell(columns - 1, cell);
    const isWritten = tail.getChars() === '' ? tail.getWidth() === 0 : tail.getWidth() < 2;
    if (isWritten) return `${pen.reset()} \r\x1b[X`;
    // A wide character that finds one column left leaves that empty, in its own attributes.
    return `\x1b[${columns}G${pen.set(tail)}字${pen.reset()}\r\x1b[${columns}X`;
  }
}

/** A character, where it is, and what sets the pen for it. */
export interface LastCharacter {
  readonly column: number;
  readonly pen: string;
  readonly chars: string;
}

/** What draws some lines, the first of which is `line`; it starts and ends with the plain pen. */
interface Piece {
  readonly line: number;
  readonly text: string;
}

function move(columns: number): string {
  return columns === 0 ? '' : `\x1b[${columns}C`;
}

/** Leaves out lines above `screen`, oldest first, until the rest fits into `bytes`. */
function joinNewest(pieces: readonly Piece[], screen: number, bytes: number): string {
  let size = 0;
  let from = pieces.length;
  for (; from > 0; from--) {
    const { line, text } = pieces[from - 1] as Piece;
    size += Buffer.byteLength(text);
    const isNeeded = from === pieces.length || line >= screen || (pieces[from] as Piece).line > screen;
    if (size > bytes && !isNeeded) break;
  }
  return pieces
    .slice(from)
    .map(({ text }) => text)
    .join('');
}
