import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Measure } from '../bench.js';
import type { Berth } from '../contenders/berth.js';
import { BerthTerminal } from '../contenders/berth-terminal.js';
import { atMost, type Cell, type Finding } from '../finding.js';
import { HeadlessScreen } from '../headless-screen.js';
import { makeFileCommand } from '../known-bytes.js';
import { PROMPT, Shell } from '../shell.js';
import { median } from '../statistics.js';

/** More than the keeper's log holds, in MiB. */
const OUTPUT = 6;
const QUIET = 1_000;
const PATIENCE = 30_000;

interface Reload {
  /** From the hello, in milliseconds. */
  readonly fromHello: number;
  /** From opening the socket. */
  readonly fromDial: number;
  /** What a replay and the output behind it took on the wire. */
  readonly bytes: number;
}

/** A new page on an old session: until its screen shows, cell for cell, what the page before it showed. */
export const RELOAD: Measure = {
  name: 'reload',
  about: 'the visible screen after a reload',
  async run({ sizes, field, say }) {
    const { berth, contenders } = await field();
    const here = await mkdtemp(join(tmpdir(), 'bench-reload-'));
    const file = join(here, 'coloured');
    const findings: Finding[] = [];
    for (const [title, pause] of [
      ['while the shell is quiet', QUIET],
      ['at once after the flood', 0],
    ] as const) {
      const shell = await Shell.open(berth);
      await shell.run(`mkdir -p ${here}; ${makeFileCommand('coloured', OUTPUT, file)}`);
      const reloads: Reload[] = [];
      for (let round = 1; round <= sizes.rounds; round += 1) {
        reloads.push(await reload(berth, shell, file, pause));
        say(`reload, ${title}: ${reloads.at(-1)?.fromHello.toFixed(0) ?? ''} ms`);
      }
      await shell.close();
      const value = median(reloads.map((one) => one.fromHello));
      const dialled = median(reloads.map((one) => one.fromDial)).toFixed(0);
      const kilobytes = (median(reloads.map((one) => one.bytes)) / 1000).toFixed(0);
      const cold = reloads[0]?.fromHello.toFixed(0) ?? '';
      const remark = `first ${cold}; from opening the socket ${dialled}; ${kilobytes} KB`;
      const cells: Cell[] = contenders.map(({ name }, index) =>
        index === 0 ? { contender: name, value, remark } : { contender: name, remark: 'screen lost' },
      );
      const note = `from the hello until a headless xterm with 10 000 lines of scrollback shows, cell for cell, the page before it; ${OUTPUT} MiB of coloured output before each reload.`;
      findings.push({
        title: `screen after reload, ${title}`,
        unit: 'ms',
        cells,
        goal: atMost(150, '≤ 150 ms', value),
        note,
      });
    }
    await rm(here, { recursive: true });
    return findings;
  },
};

async function reload(berth: Berth, shell: Shell, file: string, pause: number): Promise<Reload> {
  const before = new HeadlessScreen();
  // Every round clears first, so that this screen begins as empty as the shell's.
  shell.terminal.type(`printf '\\033c'; cat ${file}\r`);
  await new Promise<void>((resolve) => {
    const prompt = shell.sees(PROMPT);
    void prompt.then(() => before.write(new Uint8Array(), resolve));
    shell.listener = (bytes) => {
      before.write(bytes, () => shell.terminal.acknowledge(bytes.length));
      shell.look(bytes);
    };
  });
  await delay(pause);
  const { terminal } = shell;
  if (!(terminal instanceof BerthTerminal)) throw new TypeError('not a terminal of Berth');
  const result = await view(berth, terminal, before);
  before.dispose();
  await shell.comeBack();
  shell.listener = shell.draw;
  return result;
}

/** Another page with the same viewer id takes the place of the one before it, and is left when it shows the same. */
async function view(berth: Berth, old: BerthTerminal, before: HeadlessScreen): Promise<Reload> {
  const wanted = before.visible;
  const after = new HeadlessScreen();
  const { session, viewer, close } = old.props;
  old.drop();
  let bytes = 0;
  const start = performance.now();
  const result = await new Promise<Reload>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`reload: another screen than before\n${after.visible}`)), PATIENCE);
    const draw = (piece: Uint8Array, acknowledge: boolean): void => {
      bytes += piece.length;
      after.write(piece, () => {
        if (acknowledge) terminal.acknowledge(piece.length);
        if (after.visible !== wanted) return;
        clearTimeout(timer);
        const now = performance.now();
        resolve({ fromHello: now - terminal.greetedAt, fromDial: now - start, bytes });
      });
    };
    const terminal = berth.view({
      ...{ session, viewer, close, from: null, input: old.place.input },
      output: (piece) => draw(piece, true),
      onState: (piece) => draw(piece, false),
      onReplay: ({ columns, rows }) => after.reset(columns, rows),
    });
    void terminal.ready().catch(reject);
  });
  after.dispose();
  return result;
}
