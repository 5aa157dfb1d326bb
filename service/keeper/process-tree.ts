import { readFileSync, readdirSync } from 'node:fs';

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** The foreground process group of its terminal; −1 without one. */
  readonly foreground: number;
}

/** What /proc says of a process; `undefined` when it is gone. */
function readStat(pid: number): ProcessStat | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name, in parentheses, may contain anything.
    const [, parent, group, session, , foreground] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    return { pid, parent: parent ?? 0, group: group ?? 0, session: session ?? 0, foreground: foreground ?? -1 };
  } catch {
    return undefined;
  }
}

/** The foreground process group of the terminal that `pid` leads; `undefined` when there is none. */
export function foregroundGroup(pid: number): number | undefined {
  const group = readStat(pid)?.foreground ?? -1;
  return group > 1 ? group : undefined;
}

/** Every living process of the session that `leader` leads or led, and all their descendants wherever they went. */
export function processesOf(leader: number): number[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((stat) => stat !== undefined);
  const found = new Set(all.filter(({ pid, session }) => pid === leader || session === leader).map(({ pid }) => pid));
  for (let size = -1; size !== found.size;) {
    size = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

/** Sends a signal to each; those already gone do not matter. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids)
    try {
      process.kill(pid, signal);
    } catch {
      // Gone.
    }
}
