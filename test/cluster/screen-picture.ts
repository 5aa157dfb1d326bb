import headless from '@xterm/headless';
import type { Viewer } from '../stories/viewer.js';

/** What a person at this viewer sees. */
export interface ScreenPicture {
  /** The visible lines' text, without the blanks at their ends. */
  readonly lines: readonly string[];
  /** The cursor and every cell with its colours and style: equal pictures look the same. */
  readonly cells: string;
}

/** Puts all that a viewer was told on a screen of 80 × 24. */
export async function pictureOf(viewer: Viewer): Promise<ScreenPicture> {
  const screen = new headless.Terminal({ allowProposedApi: true, cols: 80, rows: 24 });
  await new Promise<void>((parsed) => screen.write(Buffer.concat([viewer.state, viewer.bytes]), parsed));
  const { active } = screen.buffer;
  const rows = Array.from({ length: screen.rows }, (_, row) => active.getLine(active.viewportY + row));
  const cells = rows.map((line) =>
    Array.from({ length: screen.cols }, (_, column) => {
      const cell = line?.getCell(column);
      return [cell?.getChars(), cell?.getFgColor(), cell?.getBgColor(), cell?.isBold(), cell?.isInverse()];
    }),
  );
  const picture = {
    lines: rows.map((line) => line?.translateToString(true) ?? ''),
    cells: JSON.stringify([active.cursorX, active.cursorY, cells]),
  };
  screen.dispose();
  return picture;
}
