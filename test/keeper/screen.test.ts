import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { coreOf, createEmulator } from '../../service/keeper/emulator.js';
import { startKeeper } from './real-keeper.js';
import type { RealKeeper } from './real-keeper.js';
import { connect } from './socket-line.js';
import { pictureOf } from './terminal-picture.js';
import { Viewer } from './viewer.js';
import type { Terminal } from '@xterm/headless';

let keeper: RealKeeper;
afterEach(async () => keeper.stop());

/** The screen of a viewer that has been there all the time, or that started from a replay. */
function screenOf(viewer: Viewer): Terminal {
  const { columns, rows } = viewer.last('replay') ?? { columns: 80, rows: 24 };
  const terminal = createEmulator({ cols: columns, rows, scrollback: 100 });
  const core = coreOf(terminal);
  for (const chunk of [...viewer.state, ...viewer.chunks]) core._inputHandler.parse(chunk);
  return terminal;
}

const textOf = (terminal: Terminal): string =>
  Array.from({ length: terminal.rows }, (_, row) =>
    terminal.buffer.active.getLine(terminal.buffer.active.baseY + row)?.translateToString(true),
  ).join('\n');

async function flooded(viewer: Viewer): Promise<void> {
  keeper = await startKeeper();
  writeFileSync(join(keeper.folder, '.bash_profile'), "PS1='$ '\n");
  await connect(viewer, keeper.socket);
  await viewer.until(() => viewer.text.includes('$ '));
  viewer.type(
    "for i in {1..70000}; do printf '\\e[3%dmline %d\\e[0m with a colour in it, and text for %d bytes\\n' $((i%8)) $i 80; done; echo D''ONE\r",
  );
  await viewer.until(() => viewer.chunks.slice(-3).join('').includes('DONE'));
  expect(viewer.output).toBeGreaterThan(4 * 1024 * 1024);
}

/** Until `viewer` has all that `other` has; an answer to a ping comes behind the whole replay. */
async function caughtUp(viewer: Viewer, other: Viewer): Promise<void> {
  viewer.send({ type: 'ping', from: 'viewer', id: 1 });
  await viewer.until(() => viewer.last('pong') !== undefined && viewer.output === other.output);
}

test('bash looks the same to a newcomer after more than four MiB as to one who saw everything', async () => {
  const viewer = new Viewer();
  await flooded(viewer);
  viewer.type('echo half a li');
  await viewer.until(() => viewer.chunks.slice(-3).join('').includes('half a li'));
  const newcomer = new Viewer({ viewer: 'newcomer-1', write: false });
  await connect(newcomer, keeper.socket);
  await caughtUp(newcomer, viewer);
  const last = (terminal: Terminal): unknown => pictureOf(terminal);
  const seen = screenOf(viewer);
  const replayed = screenOf(newcomer);
  expect(textOf(replayed)).toBe(textOf(seen));
  expect(textOf(replayed)).toContain('$ echo half a li');
  expect(last(replayed)).toEqual(last(seen));
  expect(replayed.modes.bracketedPasteMode).toBe(true);
});

test('a full-screen program looks the same to a newcomer, is asked to redraw, and leaves the old screen behind it', async () => {
  const viewer = new Viewer();
  await flooded(viewer);
  const program = [
    "trap 'draw again' WINCH",
    'draw() { printf \'\\e[H\\e[2J\\e[5;10H\\e[7m%s\\e[0m\' "$1"; }',
    "printf '\\e[?1049h\\e[?1h\\e[?1002h\\e[?1006h\\e[?25l'",
    'draw first',
    'while read -rsn1 -t 0.05 key || [ $? -gt 128 ]; do [ "$key" = q ] && break; done',
    "printf '\\e[?1049l\\e[?1l\\e[?1002l\\e[?1006l\\e[?25h'",
  ].join('\n');
  writeFileSync(join(keeper.folder, 'full-screen'), program);
  viewer.type('bash full-screen\r');
  await viewer.until(() => viewer.chunks.slice(-3).join('').includes('first'));
  const newcomer = new Viewer({ viewer: 'newcomer-1', write: false });
  await connect(newcomer, keeper.socket);
  await newcomer.until(() => newcomer.text.includes('again'));
  await viewer.until(() => viewer.output === newcomer.output);
  expect(Buffer.concat(newcomer.state).toString()).toContain('first');
  expect(pictureOf(screenOf(newcomer))).toEqual(pictureOf(screenOf(viewer)));
  expect(screenOf(newcomer).modes.mouseTrackingMode).toBe('drag');
  viewer.type('q');
  await newcomer.until(() => newcomer.text.includes('$ '));
  await viewer.until(() => viewer.output === newcomer.output);
  expect(pictureOf(screenOf(newcomer))).toEqual(pictureOf(screenOf(viewer)));
  expect(textOf(screenOf(newcomer))).toContain('DONE');
});
