/** A line of text at a place; sizes in pixels. */
export interface Label {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  /** @default 12 */
  readonly size?: number;
  /** @default #1f2933 */
  readonly color?: string;
  /** @default start */
  readonly anchor?: 'start' | 'middle' | 'end';
  /** @default false */
  readonly bold?: boolean;
}

/** A rectangle. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly fill: string;
  readonly stroke: string;
  /** @default false */
  readonly dashed?: boolean;
}

/** A line through points, with an arrowhead at its end. */
export interface Arrow {
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly color: string;
  /** @default both ends plain but the last */
  readonly both?: boolean;
  /** @default false */
  readonly dashed?: boolean;
}

/** Text as an SVG element, with a halo, so that a line behind it does not make it unreadable. */
export function label({ x, y, text, size = 12, color = '#1f2933', anchor = 'start', bold = false }: Label): string {
  const weight = bold ? ' font-weight="600"' : '';
  return `<text x="${x}" y="${y}" font-size="${size}" fill="${color}" text-anchor="${anchor}"${weight} paint-order="stroke" stroke="#ffffff" stroke-width="3">${escape(text)}</text>`;
}

/** A rectangle as an SVG element. */
export function box({ x, y, width, height, fill, stroke, dashed = false }: Box): string {
  const dash = dashed ? ' stroke-dasharray="6 4"' : '';
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="${fill}" stroke="${stroke}"${dash}/>`;
}

/** A line as an SVG element; each colour that is used needs its `arrowhead`. */
export function arrow({ points, color, both = false, dashed = false }: Arrow): string {
  const dash = dashed ? ' stroke-dasharray="6 4"' : '';
  const head = `url(#head-${color.slice(1)})`;
  const start = both ? ` marker-start="${head}"` : '';
  const line = points.map(([x, y]) => `${x},${y}`).join(' ');
  return `<polyline points="${line}" fill="none" stroke="${color}" stroke-width="2"${dash}${start} marker-end="${head}"/>`;
}

/** The arrowhead of one colour. */
export function arrowhead(color: string): string {
  return `<marker id="head-${color.slice(1)}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 10 5 0 10z" fill="${color}"/></marker>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
