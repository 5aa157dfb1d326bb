import { setTimeout as delay } from 'node:timers/promises';
import type { Measure } from '../bench.js';
import type { Berth } from '../contenders/berth.js';
import { atMost, type Finding } from '../finding.js';
import type { Contender, Memory, Terminal } from '../terminal.js';
import { until } from '../../stories/until.js';

const KILO = 1000;
/** Opened and left again before anything is measured, so that code is compiled and pools are filled. */
const WARM_UP = 20;
const AT_ONCE = 8;
/** How long buffers of connections that were just made take to be let go, in milliseconds. */
const SETTLE = 3_000;

/** What each of many sessions costs the bridge: with a viewer that looks on, and with none. */
export const SESSIONS: Measure = {
  name: 'sessions',
  about: 'bridge memory for each of many sessions',
  async run({ sizes, kind, crowd, say }) {
    const count = kind === 'pocket' ? sizes.sessions : sizes.clusterSessions;
    const field = await crowd();
    try {
      const { without, attached } = await countBerth(field.berth, count, say);
      const others: Cell[] = [];
      for (const contender of field.contenders.slice(1))
        if (contender.memory !== undefined) others.push(await countOther(contender, count, say));
      const judged = kind === 'pocket' ? 'live' : 'rss';
      const held = each(without, judged, count);
      const stood = kind === 'pocket' ? ` ${STAND_IN}` : '';
      const findings: Finding[] = [
        {
          title: `bridge memory per session, ${count} sessions, a viewer each`,
          unit: 'KB',
          cells: [
            { contender: field.berth.name, ...cost(attached, count) },
            ...others.map(({ contender, use }) => ({ contender, ...cost(use, count) })),
          ],
          goal: kind === 'pocket' ? atMost(120, '≤ 120 KB', each(attached, 'rss', count)) : undefined,
          note: `resident memory after a garbage collection; "in use": JavaScript objects and buffers.${stood}`,
        },
        {
          title: `bridge memory per session, ${count} sessions, no viewer`,
          unit: 'KB',
          cells: [
            { contender: field.berth.name, value: held, remark: `resident ${each(without, 'rss', count).toFixed(1)}` },
            ...others.map(({ contender }) => ({ contender, remark: 'no session without a viewer' })),
          ],
          goal: kind === 'pocket' ? atMost(5, '≤ 5 KB', held) : undefined,
          note:
            judged === 'live'
              ? 'JavaScript objects and buffers in use: no exec, socket or other native memory is held for such a session.'
              : 'resident memory of all bridge Pods; with so few sessions mostly noise.',
        },
      ];
      return findings;
    } finally {
      await field.stop();
    }
  },
};

const STAND_IN =
  'Sandboxes that only answer stand in for real ones; the sessions, Pods, execs and WebSockets all exist.';

interface Use {
  readonly before: Memory;
  readonly after: Memory;
}

interface Cell {
  readonly contender: string;
  readonly use: Use;
}

function each({ before, after }: Use, what: 'rss' | 'live', count: number): number {
  return ((after[what] ?? 0) - (before[what] ?? 0)) / count / KILO;
}

function cost(use: Use, count: number): { value: number; remark?: string } {
  const value = each(use, 'rss', count);
  return use.after.live === undefined ? { value } : { value, remark: `${each(use, 'live', count).toFixed(1)} in use` };
}

async function countBerth(
  berth: Berth,
  count: number,
  say: (text: string) => void,
): Promise<{ without: Use; attached: Use }> {
  say('sessions: warming Berth up');
  const first = await createMany(berth, Math.min(WARM_UP, count));
  const early = await attachMany(berth, first);
  await Promise.all(early.map((terminal) => terminal.close()));
  // On a real cluster a Pod takes a while to go, and its place is taken until then.
  await until('the first sessions to be gone', async () => (await berth.api.sessions()).length === 0, 120_000);
  const none = await settled(berth);
  say(`sessions: creating ${count} of Berth`);
  const ids = await createMany(berth, count);
  const created = await settled(berth);
  say(`sessions: attaching a viewer to each`);
  const viewers = await attachMany(berth, ids);
  const attached = await settled(berth);
  viewers.forEach((viewer) => viewer.drop());
  return { without: { before: none, after: created }, attached: { before: none, after: attached } };
}

async function countOther(contender: Contender, count: number, say: (text: string) => void): Promise<Cell> {
  say(`sessions: opening ${count} of ${contender.name}`);
  const open = (): Promise<Terminal> => contender.open(() => undefined);
  const early = await many(Array.from({ length: WARM_UP }, () => open));
  await Promise.all(early.map((terminal) => terminal.close()));
  const before = await settled(contender);
  const terminals = await many(Array.from({ length: count }, () => open));
  const after = await settled(contender);
  await Promise.all(terminals.map((terminal) => terminal.close()));
  return { contender: contender.name, use: { before, after } };
}

async function createMany(berth: Berth, count: number): Promise<string[]> {
  const ids = await many(Array.from({ length: count }, () => () => berth.create()));
  const mine = new Set(ids);
  await until(
    `${count} sessions to run`,
    async () => {
      const all = await berth.api.sessions();
      return all.filter(({ id, phase }) => mine.has(id) && phase === 'running').length === count;
    },
    600_000,
  );
  return ids;
}

function attachMany(berth: Berth, ids: readonly string[]) {
  return many(
    ids.map((session, index) => async () => {
      const viewer = berth.view({
        ...{ session, viewer: `bench-crowd-${index}`, output: () => undefined, from: 0, input: 0 },
        close: () => berth.end(session),
      });
      await viewer.ready();
      return viewer;
    }),
  );
}

/** Does all of them, a few at a time. */
async function many<Result>(tasks: readonly (() => Promise<Result>)[]): Promise<Result[]> {
  const results: Result[] = [];
  const left = [...tasks.entries()].reverse();
  const work = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) results[next[0]] = await next[1]();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}

async function settled(contender: Contender): Promise<Memory> {
  await delay(SETTLE);
  if (contender.memory === undefined) throw new Error(`${contender.name}: its memory cannot be seen`);
  return contender.memory(true);
}
