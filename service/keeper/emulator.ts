import unicode11 from '@xterm/addon-unicode11';
import headless from '@xterm/headless';
import type { ITerminalInitOnlyOptions, ITerminalOptions, Terminal } from '@xterm/headless';

/*
 * What the keeper reads of the emulator beyond its public interface, which hides most of a terminal's state. The names
 * are xterm.js 6.0.0's (pinned exactly); the replay property test fails when one of them moves.
 */

/** Colours and flags of a cell or of the pen, as packed by xterm.js. */
export interface Attributes {
  readonly fg: number;
  readonly bg: number;
  readonly extended: {
    readonly underlineStyle: number;
    readonly underlineColor: number;
    readonly urlId: number;
    readonly ext: number;
  };
}

export interface Cell extends Attributes {
  getChars(): string;
  getWidth(): number;
}

export interface Line {
  readonly isWrapped: boolean;
  loadCell(column: number, cell: Cell): Cell;
}

/** A table from ASCII to line drawing and the like; compared by identity. */
export type Charset = object | undefined;

export interface ScreenBuffer {
  readonly lines: { readonly length: number; get(index: number): Line };
  readonly ybase: number;
  readonly x: number;
  readonly y: number;
  readonly scrollTop: number;
  readonly scrollBottom: number;
  readonly tabs: Readonly<Record<number, boolean | undefined>>;
  readonly savedX: number;
  readonly savedY: number;
  readonly savedCurAttrData: Attributes;
  readonly savedCharset: Charset;
}

export interface EmulatorCore {
  readonly buffers: { readonly active: ScreenBuffer; readonly normal: ScreenBuffer; readonly alt: ScreenBuffer };
  readonly coreService: {
    readonly isCursorHidden: boolean;
    readonly modes: { readonly insertMode: boolean };
    readonly decPrivateModes: {
      readonly applicationCursorKeys: boolean;
      readonly applicationKeypad: boolean;
      readonly bracketedPasteMode: boolean;
      readonly cursorBlink: boolean | undefined;
      readonly cursorStyle: 'block' | 'underline' | 'bar' | undefined;
      readonly origin: boolean;
      readonly reverseWraparound: boolean;
      readonly sendFocus: boolean;
      readonly synchronizedOutput: boolean;
      readonly wraparound: boolean;
    };
  };
  readonly coreMouseService: { readonly activeProtocol: string; readonly activeEncoding: string };
  readonly _charsetService: {
    readonly charset: Charset;
    readonly glevel: number;
    readonly _charsets: readonly Charset[];
  };
  readonly _inputHandler: {
    /** At once; `Terminal.write` waits for a timer. */
    parse(data: Uint8Array | string): void;
    eraseInDisplay(params: { readonly params: readonly number[] }, respectProtect: boolean): boolean;
    readonly _curAttrData: Attributes;
    readonly _parser: { readonly precedingJoinState: number; readonly currentState: number };
  };
  readonly _oscLinkService: {
    getLinkData(id: number): { readonly id?: string; readonly uri: string } | undefined;
  };
}

/** A headless terminal with the character widths of the page (Unicode 11). */
export function createEmulator(options: ITerminalOptions & ITerminalInitOnlyOptions): Terminal {
  // What the program asks is answered by the viewer's terminal, never by this one (nobody reads its data).
  const terminal = new headless.Terminal({ ...options, allowProposedApi: true, logLevel: 'off' });
  terminal.loadAddon(new unicode11.Unicode11Addon());
  terminal.unicode.activeVersion = '11';
  guardErasing(terminal);
  return terminal;
}

/** xterm.js 6.0.0 throws on `CSI 1 J` at the end of its last line; there it erases the same as `CSI 2 J`. */
function guardErasing(terminal: Terminal): void {
  const core = coreOf(terminal);
  for (const prefix of ['', '?'])
    terminal.parser.registerCsiHandler({ prefix, final: 'J' }, ([what]) => {
      const { x, y, lines } = core.buffers.active;
      if (what !== 1 || x + 1 < terminal.cols || y + 1 < lines.length) return false;
      return core._inputHandler.eraseInDisplay({ params: [2] }, prefix === '?');
    });
}

export function coreOf(terminal: Terminal): EmulatorCore {
  return (terminal as unknown as { readonly _core: EmulatorCore })._core;
}

/** A cell to load others into. */
export function blankCell(terminal: Terminal): Cell {
  return terminal.buffer.normal.getNullCell() as unknown as Cell;
}

let flags: Map<Charset, string> | undefined;

/** The final byte that designates `charset` (`B`, plain ASCII, when it is none). */
export function charsetFlag(charset: Charset): string {
  if (charset === undefined) return 'B';
  flags ??= probeCharsets();
  return flags.get(charset) ?? 'B';
}

function probeCharsets(): Map<Charset, string> {
  const found = new Map<Charset, string>();
  const core = coreOf(createEmulator({ cols: 2, rows: 1 }));
  for (const flag of '0ACRQKYEZH=7564`') {
    core._inputHandler.parse(`\x1b(${flag}`);
    const charset = core._charsetService.charset;
    if (charset !== undefined && !found.has(charset)) found.set(charset, flag);
  }
  return found;
}
