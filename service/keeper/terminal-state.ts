import { coreOf, createEmulator } from './emulator.js';
import type { EmulatorCore, ScreenBuffer } from './emulator.js';
import { KeyboardModes } from './keyboard-modes.js';
import { serializeWaitingColour } from './pen.js';
import { ScreenPainter } from './screen-painter.js';
import type { Size } from './size-history.js';
import { serializeCharsets, serializeMargins, serializeSwitches, serializeTabStops } from './terminal-modes.js';
import type { Terminal } from '@xterm/headless';

export interface TerminalStateProps extends Size {
  /** Lines kept above the screen. @default 2000 */
  readonly scrollback?: number;
  /** The most bytes that the lines above the screen may add to a snapshot. @default 512 KiB */
  readonly snapshotBytes?: number;
}

/** A title longer than this is cut: it is a line of text. */
const TITLE = 1024;

/** The terminal as the shell's output has made it: fed with every byte, it can write itself down at any time. */
export class TerminalState {
  private readonly terminal: Terminal;
  private readonly core: EmulatorCore;
  private readonly keyboard: KeyboardModes;
  private readonly scrollback: number;
  private readonly snapshotBytes: number;
  private title = '';

  constructor({ columns, rows, scrollback = 2000, snapshotBytes = 512 * 1024 }: TerminalStateProps) {
    this.scrollback = scrollback;
    this.snapshotBytes = snapshotBytes;
    this.terminal = createEmulator({ cols: columns, rows, scrollback });
    this.core = coreOf(this.terminal);
    this.keyboard = new KeyboardModes(this.terminal);
    this.terminal.onTitleChange((title) => {
      this.title = title.slice(0, TITLE);
    });
  }

  get columns(): number {
    return this.terminal.cols;
  }

  get rows(): number {
    return this.terminal.rows;
  }

  get isAlternate(): boolean {
    return this.terminal.buffer.active.type === 'alternate';
  }

  /** Parses at once, about 10 MB/s. False when the emulator failed on it (it has bugs on one-line screens): the rest of `bytes` is not shown. */
  write(bytes: Uint8Array): boolean {
    try {
      this.core._inputHandler.parse(bytes);
      return true;
    } catch {
      return false;
    }
  }

  resize({ columns, rows }: Size): void {
    this.terminal.resize(columns, rows);
  }

  /**
   * How many line feeds of plain text leave nothing of what was there before, wherever the cursor is; `undefined` while
   * margins or reverse wrap-around let earlier lines stay.
   */
  get linesToForget(): number | undefined {
    const { scrollTop, scrollBottom } = this.core.buffers.active;
    const isWhole = scrollTop === 0 && scrollBottom === this.rows - 1;
    if (!isWhole || this.core.coreService.decPrivateModes.reverseWraparound) return undefined;
    return 2 * this.rows + this.scrollback + 1;
  }

  /** What turns a reset terminal of this size into this one, as far as xterm.js can tell the difference. */
  serialize(): string {
    const { core, terminal } = this;
    const { normal, alt } = core.buffers;
    const painter = new ScreenPainter(terminal);
    let written = this.title === '' ? '' : `\x1b]2;${this.title}\x1b\\`;
    written += painter.paint(normal, this.snapshotBytes);
    written += this.frame(painter, normal);
    written += this.keyboard.serializeScreen('normal');
    if (this.isAlternate) {
      written += this.place(painter, normal, normal.x, normal.y);
      written += `${painter.pen.reset()}\x1b[?1047h\x1b[H${painter.paint(alt, Infinity)}`;
      written += this.frame(painter, alt);
      written += this.keyboard.serializeScreen('alternate');
    }
    written += `${serializeSwitches(core)}${this.keyboard.serialize()}`;
    return `${written}${this.cursor(painter, core.buffers.active)}`;
  }

  /** What belongs to one of the two screens besides its cells: tab stops, margins, the saved cursor. */
  private frame(painter: ScreenPainter, buffer: ScreenBuffer): string {
    const { pen } = painter;
    const row = Math.min(Math.max(buffer.savedY - buffer.ybase, 0), this.rows - 1);
    const { savedCurAttrData: attributes, savedCharset: charset } = buffer;
    let saved = '';
    if (buffer.savedY > 0 || buffer.savedX > 0 || attributes.fg !== 0 || attributes.bg !== 0 || charset !== undefined) {
      const shift = serializeCharsets({ _charsets: [charset], glevel: 0 });
      const back = charset === undefined ? '' : '\x1b(B';
      saved = `${this.place(painter, buffer, buffer.savedX, row)}${pen.set(attributes)}${shift}\x1b7${back}${pen.reset()}`;
    }
    return `${serializeTabStops(buffer, this.columns)}${serializeMargins(buffer, this.rows)}${saved}`;
  }

  /** Last of all: origin and insert mode, the cursor, the pen, and the character that the next one may join. */
  private cursor(painter: ScreenPainter, buffer: ScreenBuffer): string {
    const { coreService, _charsetService: charsets, _inputHandler: input } = this.core;
    const { origin, synchronizedOutput } = coreService.decPrivateModes;
    const { insertMode } = coreService.modes;
    const { convertEol, cursorBlink } = this.terminal.options;
    const { x, y } = buffer;
    const row = Math.max(origin ? y - buffer.scrollTop : y, 0) + 1;
    // A restored cursor brings its character set without designating it, so only restoring it brings that back.
    const isRestored = charsets.charset !== charsets._charsets[charsets.glevel];
    if (isRestored) painter.pen.forget();
    const written = [
      convertEol === true ? '\x1b[20h' : '',
      cursorBlink === true ? '\x1b[?12h' : '',
      isRestored ? `${serializeCharsets(charsets)}\x1b8` : '',
      origin ? '\x1b[?6h' : '',
      this.place(painter, buffer, x, row - 1, y),
      isRestored ? '' : serializeCharsets(charsets),
      insertMode ? '\x1b[4h' : '',
      synchronizedOutput ? '\x1b[?2026h' : '',
    ];
    const joins = input._parser.precedingJoinState !== 0;
    const last = joins ? painter.lastCharacter(buffer, x, y) : undefined;
    if (last !== undefined)
      written.push(`\x1b[${row};${last.column + 1}H`, insertMode ? `\x1b[${x - last.column}P` : '');
    const pen = input._curAttrData;
    const waiting = serializeWaitingColour(pen);
    if (last === undefined)
      painter.pen.forget(); // Any control sequence ends what a character could join.
    else written.push(last.pen, waiting, last.chars);
    const changed = painter.pen.set(pen);
    if (changed !== '') written.push(changed, waiting);
    return written.join('');
  }

  /** Moves the cursor to `x` and row `y`; behind the last column by drawing what is there (in line `line`) again. */
  private place(painter: ScreenPainter, buffer: ScreenBuffer, x: number, y: number, line = y): string {
    const last = x < this.columns ? undefined : painter.lastCharacter(buffer, x, line);
    return `\x1b[${y + 1};${(last?.column ?? x) + 1}H${last?.pen ?? ''}${last?.chars ?? ''}`;
  }
}
