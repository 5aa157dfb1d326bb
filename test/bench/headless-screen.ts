import headless from '@xterm/headless';

/** A screen like the page's, without a picture: what xterm has parsed. */
export class HeadlessScreen {
  private readonly terminal = new headless.Terminal({
    allowProposedApi: true,
    cols: 80,
    rows: 24,
    scrollback: 10_000,
  });

  reset(columns: number, rows: number): void {
    this.terminal.reset();
    this.terminal.resize(columns, rows);
  }

  write(bytes: Uint8Array, parsed: () => void): void {
    this.terminal.write(bytes, parsed);
  }

  /** The visible lines with their colours, and where the cursor is. */
  get visible(): string {
    const { active } = this.terminal.buffer;
    const lines: string[] = [`${active.cursorX},${active.cursorY}`];
    for (let row = 0; row < this.terminal.rows; row += 1) {
      const line = active.getLine(active.viewportY + row);
      const cells: string[] = [];
      for (let column = 0; column < this.terminal.cols; column += 1) {
        const cell = line?.getCell(column);
        cells.push(`${cell?.getChars() ?? ''}${cell?.getFgColor() ?? ''}`);
      }
      lines.push(cells.join('|'));
    }
    return lines.join('\n');
  }

  dispose(): void {
    this.terminal.dispose();
  }
}
