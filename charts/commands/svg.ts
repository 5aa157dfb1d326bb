/** Pieces of an SVG picture; text is escaped, colours follow the reader's theme where CSS says so. */
export function svg(width: number, height: number, content: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="12">
<style>
  .page { fill: #ffffff } .box { fill: #f4f6f8; stroke: #8a97a6 } .node { fill: #e6eef7; stroke: #4a78a8 }
  text { fill: #1c2733 } .dim { fill: #55636f } .title { font-size: 15px; font-weight: 600 }
  .flow { fill: none; stroke: #4a78a8; stroke-opacity: 0.55 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #10161d } .box { fill: #1a232d; stroke: #55636f } .node { fill: #1d3044; stroke: #6f9fd0 }
    text { fill: #e8edf2 } .dim { fill: #9fb0c0 } .flow { stroke: #6f9fd0 }
  }
</style>
<rect class="page" width="${width}" height="${height}"/>
${content.join('\n')}
</svg>
`;
}

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A box with round corners. */
export function box({ x, y, width, height }: Rectangle, style: 'box' | 'node'): string {
  return `<rect class="${style}" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>`;
}

/** A line of text; `x` and `y` are where it starts. */
export function label(x: number, y: number, text: string, style = ''): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}"${style === '' ? '' : ` class="${style}"`}>${escaped}</text>`;
}

/** An arrow from the right side of one box to the left side of another; to its right side when both stand in one column. */
export function arrow(from: Rectangle, to: Rectangle, why: string): string {
  const [x1, y1] = [from.x + from.width, from.y + from.height / 2];
  const sameColumn = from.x === to.x;
  const [x2, y2] = [sameColumn ? to.x + to.width : to.x, to.y + to.height / 2];
  const bend = sameColumn ? 40 : Math.max(30, Math.abs(x2 - x1) / 2);
  const end = sameColumn ? x2 + bend : x2 - bend;
  return `<path class="flow" d="M${x1} ${y1} C${x1 + bend} ${y1} ${end} ${y2} ${x2} ${y2}"><title>${why.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</title></path><circle cx="${x2}" cy="${y2}" r="2.5" fill="#4a78a8"/>`;
}
