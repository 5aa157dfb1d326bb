import { setTimeout as delay } from 'node:timers/promises';
import type { Measure } from '../bench.js';
import { atMost } from '../finding.js';
import { Shell } from '../shell.js';
import { median } from '../statistics.js';
import type { Contender } from '../terminal.js';

const MEGA = 1_000_000;
/** Milliseconds. */
const SAMPLE_EVERY = 100;
/** A bridge that has grown by this many bytes has shown what it does. */
const ENOUGH = 1_500 * MEGA;

/** How much the process between browser and shell grows while a viewer reads nothing of a flood. */
export const STALL: Measure = {
  name: 'stall',
  about: 'bridge memory while a viewer is stalled under a flood',
  only: 'pocket',
  async run({ sizes, field, say }) {
    const { contenders } = await field();
    const all = new Map<Contender, number[]>(contenders.map((contender) => [contender, []]));
    for (let round = 1; round <= sizes.stallRounds; round += 1) {
      for (const contender of contenders) {
        if (contender.memory === undefined) continue;
        const growth = await stall(contender, sizes.flood, sizes.stall);
        say(`stall: ${contender.name} ${(growth / MEGA).toFixed(1)} MB`);
        all.get(contender)?.push(growth);
      }
    }
    const cells = contenders.map((contender) => {
      const growths = all.get(contender) ?? [];
      if (growths.length === 0) return { contender: contender.name, remark: 'no process to look into' };
      const value = median(growths) / MEGA;
      return { contender: contender.name, value, remark: value * MEGA >= ENOUGH ? 'stopped there' : undefined };
    });
    const title = `bridge memory growth, viewer stalled ${sizes.stall / 1000} s under flood`;
    const note =
      'resident memory: the most during the stall, less the most during a flood that was read just before. The viewer neither reads its socket nor acknowledges.';
    return [{ title, unit: 'MB', cells, goal: atMost(10, '≤ +10 MB', cells[0]?.value), note }];
  },
};

async function stall(contender: Contender, flood: number, milliseconds: number): Promise<number> {
  const shell = await Shell.open(contender);
  shell.terminal.type('yes\r');
  const before = await peak(contender, flood, Infinity);
  shell.listener = () => undefined;
  shell.terminal.stall(true);
  const during = await peak(contender, milliseconds, before + ENOUGH);
  await shell.close();
  return Math.max(0, during - before);
}

async function peak(contender: Contender, milliseconds: number, enough: number): Promise<number> {
  const end = performance.now() + milliseconds;
  let most = 0;
  while (performance.now() < end && most < enough) {
    const memory = await contender.memory?.(false);
    most = Math.max(most, memory?.rss ?? 0);
    await delay(SAMPLE_EVERY);
  }
  return most;
}
