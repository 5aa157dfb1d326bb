import type { Attributes, EmulatorCore } from './emulator.js';

/* The bits of xterm.js 6.0.0's packed attributes (`common/buffer/Constants`). */
const MODE = 0x3000000;
const MODE_16 = 0x1000000;
const MODE_256 = 0x2000000;
const COLOUR = 0x3ffffff;
const FG_FLAGS: readonly (readonly [number, number])[] = [
  [0x4000000, 7],
  [0x8000000, 1],
  [0x20000000, 5],
  [0x40000000, 8],
  [0x80000000, 9],
];
const UNDERLINE = 0x10000000;
const BG_FLAGS: readonly (readonly [number, number])[] = [
  [0x4000000, 3],
  [0x8000000, 2],
  [0x40000000, 53],
];
const EXTENDED = 0x10000000;
const PROTECTED = 0x20000000;

/** Whether the attributes show nothing on an empty cell but a background. */
export function isPlainBackground({ fg, bg }: Attributes): boolean {
  return fg === 0 && (bg & ~COLOUR) === 0;
}

/** The underline colour that waits in a pen which does not underline at present. */
export function serializeWaitingColour({ bg, extended }: Attributes): string {
  if ((bg & EXTENDED) !== 0) return '';
  const codes = underlineColour(extended.underlineColor);
  return codes.length === 0 ? '' : `\x1b[${codes.join(';')}m`;
}

/** Writes colours and flags as SGR, and hyperlinks as OSC 8; says nothing when they have not changed. */
export class Pen {
  private fg = 0;
  private bg = 0;
  private ext = 0;
  private link = 0;

  constructor(private readonly links: EmulatorCore['_oscLinkService']) {}

  set(to: Attributes): string {
    const extended = (to.bg & EXTENDED) !== 0;
    // The cells' numbers are unsigned, the emulator's own pen's are not.
    return this.change(to.fg | 0, to.bg | 0, extended ? to.extended.ext : 0, extended ? to.extended.urlId : 0, to);
  }

  /** Only the background colour of `to`. */
  setBackground(to: Attributes): string {
    return this.change(0, to.bg & COLOUR, 0, 0);
  }

  reset(): string {
    return this.change(0, 0, 0, 0);
  }

  /** Makes the next `set` write everything. */
  forget(): void {
    this.fg = -1;
  }

  private change(fg: number, bg: number, ext: number, link: number, from?: Attributes): string {
    let written = '';
    if (link !== this.link) {
      const data = link === 0 ? undefined : this.links.getLinkData(link);
      written += data === undefined ? '\x1b]8;;\x1b\\' : `\x1b]8;${data.id ? `id=${data.id}` : ''};${data.uri}\x1b\\`;
      this.link = link;
    }
    if (fg !== this.fg || bg !== this.bg || ext !== this.ext) {
      written += sgr(fg, bg, from);
      this.fg = fg;
      this.bg = bg;
      this.ext = ext;
    }
    return written;
  }
}

function sgr(fg: number, bg: number, from: Attributes | undefined): string {
  const codes = ['0'];
  for (const [flag, code] of FG_FLAGS) if ((fg & flag) !== 0) codes.push(`${code}`);
  for (const [flag, code] of BG_FLAGS) if ((bg & flag) !== 0) codes.push(`${code}`);
  const extended = (bg & EXTENDED) === 0 ? undefined : from?.extended;
  const style = extended === undefined || extended.urlId !== 0 ? 0 : extended.underlineStyle;
  if ((fg & UNDERLINE) !== 0) codes.push(style === 0 ? '4' : `4:${style}`);
  codes.push(...colour(fg, 30, 90, 38), ...colour(bg, 40, 100, 48));
  codes.push(...underlineColour(extended?.underlineColor ?? 0));
  return `\x1b[${codes.join(';')}m${(bg & PROTECTED) === 0 ? '' : '\x1b[1"q'}`;
}

/** xterm.js keeps "as the text" as every bit set, which is also white. */
function underlineColour(packed: number): string[] {
  return packed === COLOUR ? ['59'] : colour(packed, undefined, undefined, 58);
}

function colour(packed: number, low: number | undefined, high: number | undefined, extended: number): string[] {
  const mode = packed & MODE;
  if (mode === 0) return [];
  const index = packed & 0xff;
  if (mode === MODE_16 && low !== undefined && high !== undefined)
    return [`${index < 8 ? low + index : high + index - 8}`];
  if (mode === MODE_16 || mode === MODE_256) return [`${extended}`, '5', `${index}`];
  return [`${extended}`, '2', `${(packed >> 16) & 0xff}`, `${(packed >> 8) & 0xff}`, `${index}`];
}
