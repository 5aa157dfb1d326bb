import { blankCell, charsetFlag, coreOf } from '../../service/keeper/emulator.js';
import type { Attributes, ScreenBuffer } from '../../service/keeper/emulator.js';
import type { Terminal } from '@xterm/headless';

/**
 * Everything that a person or a program could tell two terminals apart by, as plain data. `loose`: an empty cell and a
 * blank are the same.
 */
export function pictureOf(terminal: Terminal, loose = false): unknown {
  const core = coreOf(terminal);
  const screenOf = (buffer: ScreenBuffer): unknown => describeScreen(terminal, buffer, loose);
  const { active, normal, alt } = core.buffers;
  const isAlternate = active === alt;
  return {
    size: [terminal.cols, terminal.rows],
    isAlternate,
    cursor: [active.x, active.y],
    normal: screenOf(normal),
    alternate: isAlternate ? screenOf(alt) : undefined,
    pen: attributesOf(terminal, core._inputHandler._curAttrData),
    modes: core.coreService.decPrivateModes,
    insert: core.coreService.modes.insertMode,
    hidden: core.coreService.isCursorHidden,
    mouse: [core.coreMouseService.activeProtocol, core.coreMouseService.activeEncoding],
    convertEol: terminal.options.convertEol,
    charset: charsetFlag(core._charsetService.charset),
    level: core._charsetService.glevel,
    charsets: [0, 1, 2, 3].map((set) => charsetFlag(core._charsetService._charsets[set])),
  };
}

function describeScreen(terminal: Terminal, buffer: ScreenBuffer, loose: boolean): unknown {
  const lines = Array.from({ length: buffer.lines.length }, (_, row) => lineOf(terminal, buffer, row, loose));
  return {
    lines,
    margins: [buffer.scrollTop, buffer.scrollBottom],
    tabs: Array.from({ length: terminal.cols }, (_, column) => buffer.tabs[column] === true),
    saved: [
      buffer.savedX,
      Math.max(0, buffer.savedY - buffer.ybase),
      packed(buffer.savedCurAttrData.fg),
      packed(buffer.savedCurAttrData.bg & ~0x10000000),
    ],
    savedCharset: charsetFlag(buffer.savedCharset),
  };
}

/**
 * An empty cell counts as a blank where only a blank can be written: when it carries more than a background, and in the
 * last column while the cursor waits behind it. They look alike.
 */
function lineOf(terminal: Terminal, buffer: ScreenBuffer, row: number, loose: boolean): unknown {
  const line = buffer.lines.get(row);
  const cell = blankCell(terminal);
  const cells: unknown[] = [];
  let wide = false;
  for (let column = 0; column < terminal.cols; column++) {
    line.loadCell(column, cell);
    const isHalved = cell.getWidth() === 2 && column === terminal.cols - 1;
    const text = isHalved ? '' : cell.getChars();
    const isWaiting = buffer.x === terminal.cols && row === buffer.ybase + buffer.y && column === terminal.cols - 1;
    const isSaved = buffer.savedX === terminal.cols && column === terminal.cols - 1;
    const isOdd = loose || isWaiting || isSaved || cell.fg !== 0 || (cell.bg & ~0x3ffffff) !== 0;
    const isBehindWide = wide;
    wide = !wide && cell.getWidth() === 2;
    if (isBehindWide) cells.push('');
    else cells.push([isOdd && text === '' ? ' ' : text, ...attributesOf(terminal, cell)].join(' '));
  }
  return { cells, wrapped: row > 0 && line.isWrapped };
}

function attributesOf(terminal: Terminal, { fg, bg, extended }: Attributes): (number | string)[] {
  const core = coreOf(terminal);
  const isExtended = (bg & 0x10000000) !== 0;
  const link = isExtended ? core._oscLinkService.getLinkData(extended.urlId)?.uri : undefined;
  return [
    packed(fg),
    packed(bg),
    isExtended ? extended.underlineStyle : 0,
    isExtended ? packed(extended.underlineColor) : 0,
    link ?? '',
  ];
}

/** Without the bits of an earlier true colour that xterm.js leaves behind a palette colour. */
function packed(attributes: number): number {
  const mode = attributes & 0x3000000;
  if (mode === 0) return attributes & ~0xffffff;
  return mode === 0x3000000 ? attributes : attributes & ~0xffff00;
}
