import { setTimeout as delay } from 'node:timers/promises';
import type { Measure } from '../bench.js';
import { atMost, type Finding } from '../finding.js';
import { openShells, type Shell } from '../shell.js';
import { quantile } from '../statistics.js';

const KEY = 'x';
const KILL_LINE = '\u0015';
/** Keys before the line is wiped, so that it never wraps. */
const LINE = 40;

/** From a single key to its echo by bash's line editor. */
export const ECHO: Measure = {
  name: 'echo',
  about: 'a single key to its echo',
  async run({ sizes, kind, field, say }) {
    const { contenders } = await field();
    const shells = await openShells(contenders);
    const times = new Map<Shell, number[]>(shells.map((shell) => [shell, []]));
    for (let round = 0; round <= sizes.rounds; round += 1) {
      say(`echo: round ${round} of ${sizes.rounds}`);
      for (const shell of shells) {
        const measured = await typeKeys(shell, sizes.keysPerRound);
        // Round 0 warms everybody up.
        if (round > 0) times.get(shell)?.push(...measured);
      }
    }
    await Promise.all(shells.map((shell) => shell.close()));
    return [0.5, 0.95].map((share): Finding => {
      const cells = shells.map((shell) => ({
        contender: shell.contender.name,
        value: quantile(times.get(shell) ?? [], share),
      }));
      const bare = cells.find(({ contender }) => contender === 'kubectl exec -it')?.value;
      const goal =
        kind === 'cluster' && bare !== undefined && share === 0.5
          ? atMost(1.15 * bare, '≤ 1.15 × kubectl exec -it', cells[0]?.value)
          : undefined;
      return { title: share === 0.5 ? 'echo p50' : 'echo p95', unit: 'ms', cells, goal };
    });
  },
};

async function typeKeys(shell: Shell, keys: number): Promise<number[]> {
  const times: number[] = [];
  for (let key = 0; key < keys; key += 1) {
    const start = performance.now();
    await shell.typeAndSee(KEY, KEY);
    times.push(performance.now() - start);
    // A person's keys do not follow each echo at once, and not in step with anybody's timer.
    await delay(5 + Math.random() * 15);
    if (key % LINE === LINE - 1) {
      shell.terminal.type(KILL_LINE);
      await delay(50);
    }
  }
  shell.terminal.type(KILL_LINE);
  await delay(50);
  return times;
}
