import { charsetFlag } from './emulator.js';
import type { EmulatorCore, ScreenBuffer } from './emulator.js';

const DESIGNATE = ['(', ')', '*', '+'] as const;
const SHIFT = ['\x0f', '\x0e', '\x1bn', '\x1bo'] as const;
const MOUSE: Readonly<Record<string, number>> = { X10: 9, VT200: 1000, DRAG: 1002, ANY: 1003 };
const MOUSE_ENCODING: Readonly<Record<string, number>> = { SGR: 1006, SGR_PIXELS: 1016 };
const CURSOR_STYLES = { block: 1, underline: 3, bar: 5 } as const;

/** Tab stops, where they are not every eight columns; moves the cursor. */
export function serializeTabStops({ tabs }: ScreenBuffer, columns: number): string {
  const stops = Array.from({ length: columns }, (_, column) => column).filter((column) => tabs[column] === true);
  const usual = Array.from({ length: Math.ceil(columns / 8) }, (_, index) => index * 8);
  if (stops.length === usual.length && stops.every((stop, index) => stop === usual[index])) return '';
  return `\x1b[3g${stops.map((stop) => `\x1b[${stop + 1}G\x1bH`).join('')}`;
}

/** The margins, where they are not the whole screen; moves the cursor. */
export function serializeMargins({ scrollTop, scrollBottom }: ScreenBuffer, rows: number): string {
  return scrollTop === 0 && scrollBottom === rows - 1 ? '' : `\x1b[${scrollTop + 1};${scrollBottom + 1}r`;
}

/** G0 to G3 and which of them is used. `charset`, in use now, is another one when a restored cursor has brought it. */
export function serializeCharsets({ _charsets, glevel }: Omit<EmulatorCore['_charsetService'], 'charset'>): string {
  const designated = DESIGNATE.map((designate, index) =>
    _charsets[index] === undefined ? '' : `\x1b${designate}${charsetFlag(_charsets[index])}`,
  );
  return `${designated.join('')}${glevel === 0 ? '' : SHIFT[glevel]}`;
}

/** Everything that is on or off, except what moves the cursor (origin mode) or changes how characters are drawn (insert). */
export function serializeSwitches({ coreService, coreMouseService }: EmulatorCore): string {
  const { decPrivateModes: modes } = coreService;
  const on: number[] = [];
  const off: number[] = [];
  if (modes.applicationCursorKeys) on.push(1);
  if (modes.reverseWraparound) on.push(45);
  if (modes.applicationKeypad) on.push(66);
  if (modes.sendFocus) on.push(1004);
  if (modes.bracketedPasteMode) on.push(2004);
  const mouse = MOUSE[coreMouseService.activeProtocol];
  if (mouse !== undefined) on.push(mouse);
  const encoding = MOUSE_ENCODING[coreMouseService.activeEncoding];
  if (encoding !== undefined) on.push(encoding);
  if (!modes.wraparound) off.push(7);
  if (coreService.isCursorHidden) off.push(25);
  const style = modes.cursorStyle === undefined ? undefined : CURSOR_STYLES[modes.cursorStyle];
  return [
    on.length === 0 ? '' : `\x1b[?${on.join(';')}h`,
    off.length === 0 ? '' : `\x1b[?${off.join(';')}l`,
    style === undefined ? '' : `\x1b[${style + (modes.cursorBlink === true ? 0 : 1)} q`,
  ].join('');
}
