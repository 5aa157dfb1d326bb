import { setTimeout as delay } from 'node:timers/promises';
import type { Measure } from '../bench.js';
import { atMost, type Cell } from '../finding.js';
import { PROMPT, Shell } from '../shell.js';
import { SlowScreen } from '../slow-screen.js';
import { median } from '../statistics.js';
import type { Contender } from '../terminal.js';

const BYTES_PER_SECOND = 10_000_000;
const CONTROL_C = '\u0003';
/** Milliseconds until nobody would wait any longer. */
const PATIENCE = 20_000;

interface Interrupt {
  readonly milliseconds: number;
  /** Drawn between the key and the prompt. */
  readonly bytes: number;
}

/** Ctrl-C while `yes` floods a screen that draws 10 MB/s: from the key to the prompt on the screen. */
export const INTERRUPT: Measure = {
  name: 'interrupt',
  about: 'Ctrl-C under yes, on a screen that draws 10 MB/s',
  async run({ sizes, field, say }) {
    const { contenders } = await field();
    const all = new Map<Contender, Interrupt[]>(contenders.map((contender) => [contender, []]));
    for (let round = 1; round <= sizes.rounds; round += 1) {
      for (const contender of contenders) {
        const one = await interrupt(contender, sizes.flood);
        say(`interrupt: ${contender.name} ${one.milliseconds.toFixed(0)} ms, ${one.bytes} bytes`);
        all.get(contender)?.push(one);
      }
    }
    const cells = contenders.map((contender): Cell => {
      const ones = all.get(contender) ?? [];
      const value = median(ones.map((one) => one.milliseconds));
      const kilobytes = Math.round(median(ones.map((one) => one.bytes)) / 1000);
      return {
        contender: contender.name,
        ...(Number.isFinite(value)
          ? { value, remark: `${kilobytes} KB drawn meanwhile` }
          : { remark: `> ${PATIENCE / 1000} s` }),
      };
    });
    const goal = atMost(50, '≤ 50 ms', cells[0]?.value);
    return [{ title: 'Ctrl-C under `yes`, screen draws 10 MB/s', unit: 'ms', cells, goal }];
  },
};

async function interrupt(contender: Contender, flood: number): Promise<Interrupt> {
  const shell = await Shell.open(contender);
  const screen = new SlowScreen(shell, BYTES_PER_SECOND);
  shell.terminal.type('yes\r');
  await delay(flood);
  const drawn = screen.drawn;
  const start = performance.now();
  let milliseconds = Infinity;
  const prompt = shell.sees(PROMPT, PATIENCE);
  shell.terminal.type(CONTROL_C);
  try {
    await prompt;
    milliseconds = performance.now() - start;
  } catch {
    // Nothing is left to find out: it took longer than the patience.
  }
  const bytes = screen.drawn - drawn;
  screen.stop();
  await shell.close();
  return { milliseconds, bytes };
}
