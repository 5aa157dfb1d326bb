import type { IBufferCell, IModes, Terminal } from '@xterm/xterm';

/** What a terminal shows, as plain data. `attributes` of a line holds one number for each way its cells look. */
export interface TerminalSnapshot {
  readonly columns: number;
  readonly rows: number;
  readonly buffer: 'normal' | 'alternate';
  readonly cursor: { readonly column: number; readonly row: number };
  readonly modes: IModes;
  /** The visible rows at the end of the buffer, top to bottom; trailing blanks are kept. */
  readonly lines: readonly string[];
  readonly attributes: readonly string[];
  /** Lines above the visible ones. */
  readonly scrollback: number;
}

/** Reads the bottom page of the active buffer, wherever a person has scrolled to. */
export function takeSnapshot(terminal: Terminal): TerminalSnapshot {
  const buffer = terminal.buffer.active;
  const lines: string[] = [];
  const attributes: string[] = [];
  for (let row = 0; row < terminal.rows; row++) {
    const line = buffer.getLine(buffer.baseY + row);
    lines.push(line?.translateToString(false) ?? '');
    const looks: string[] = [];
    for (let column = 0; column < terminal.cols; column++) looks.push(look(line?.getCell(column)));
    attributes.push(looks.join(' '));
  }
  return {
    columns: terminal.cols,
    rows: terminal.rows,
    buffer: buffer.type,
    cursor: { column: buffer.cursorX, row: buffer.cursorY },
    modes: readModes(terminal.modes),
    lines,
    attributes,
    scrollback: buffer.baseY,
  };
}

function look(cell: IBufferCell | undefined): string {
  if (cell === undefined) return '';
  const flags = [
    cell.isBold(),
    cell.isDim(),
    cell.isItalic(),
    cell.isUnderline(),
    cell.isInverse(),
    cell.isInvisible(),
    cell.isStrikethrough(),
  ].reduce((bits, flag, index) => bits | (flag === 0 ? 0 : 1 << index), 0);
  return `${cell.getFgColorMode() ^ cell.getFgColor()}/${cell.getBgColorMode() ^ cell.getBgColor()}/${flags}`;
}

function readModes(modes: IModes): IModes {
  return {
    applicationCursorKeysMode: modes.applicationCursorKeysMode,
    applicationKeypadMode: modes.applicationKeypadMode,
    bracketedPasteMode: modes.bracketedPasteMode,
    insertMode: modes.insertMode,
    mouseTrackingMode: modes.mouseTrackingMode,
    originMode: modes.originMode,
    reverseWraparoundMode: modes.reverseWraparoundMode,
    sendFocusMode: modes.sendFocusMode,
    synchronizedOutputMode: modes.synchronizedOutputMode,
    wraparoundMode: modes.wraparoundMode,
  };
}
