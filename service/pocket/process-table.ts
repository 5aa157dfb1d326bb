import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate as nextTick, setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A process that belongs to a container. */
export interface ContainerProcessInfo {
  readonly pid: number;
  readonly container: string;
  readonly command: string;
  /** Memory of its own (not shared with others, not mapped from files), bytes. */
  readonly memory: number;
}

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** Tells a process from a later one with the same pid. */
  readonly start: string;
  readonly command: string;
  readonly memory: number;
  readonly marker?: string | undefined;
}

/** The environment variable by which a container's processes are known, wherever they went. */
export const MARKER = 'POCKET_CLUSTER_CONTAINER';

const PAGE = 4096;
const BATCH = 100;
const KILL_ROUNDS = 200;
const run = promisify(execFile);

/**
 * Finds the processes of containers: those with the marker in their environment, those seen before, their descendants
 * and everything in their sessions. A process escapes only if it scrubs its environment, starts a session and loses its
 * parent between two looks; namespaces, which would be airtight, need root.
 */
export class ProcessTable {
  private readonly seen = new Map<string, string>();
  private running: Promise<readonly ContainerProcessInfo[]> | undefined;
  private queued: Promise<readonly ContainerProcessInfo[]> | undefined;

  /** @param owner the first part of every marker of this cluster; others' processes are not looked at */
  constructor(private readonly owner: string) {}

  marker(container: string): string {
    return `${this.owner}/${container}`;
  }

  /** The processes of all containers, as of now: callers that arrive during a look share the next one. */
  async look(): Promise<readonly ContainerProcessInfo[]> {
    if (this.running === undefined) {
      this.running = this.scan().finally(() => (this.running = undefined));
      return this.running;
    }
    this.queued ??= this.running
      .catch(() => [])
      .then(() => {
        this.queued = undefined;
        return this.look();
      });
    return this.queued;
  }

  /** Kills every process for which `belongs` holds, until none is left. @throws Error when some will not die */
  async kill(belongs: (container: string) => boolean): Promise<void> {
    for (let round = 0; round < KILL_ROUNDS; round += 1) {
      const left = (await this.look()).filter((row) => belongs(row.container));
      if (left.length === 0) return;
      for (const { pid } of left) signal(pid, 'SIGKILL');
      await delay(Math.min(5 + round, 50));
    }
    throw new Error(`processes that do not die: ${(await this.look()).map((row) => row.pid).join(', ')}`);
  }

  /** Kills what can be found without waiting, for a process that is about to exit. */
  killNow(): void {
    if (process.platform !== 'linux') return;
    const rows = pids().flatMap((pid) => readProcess(pid) ?? []);
    for (const { pid } of this.assign(rows)) signal(pid, 'SIGKILL');
  }

  private async scan(): Promise<readonly ContainerProcessInfo[]> {
    if (process.platform !== 'linux') return this.assign(await listProcesses());
    const rows: ProcessRow[] = [];
    for (const [index, pid] of pids().entries()) {
      // Reading /proc never waits for a disk, but a thousand processes would hold up the event loop for too long.
      if (index % BATCH === BATCH - 1) await nextTick();
      const row = readProcess(pid);
      if (row !== undefined) rows.push(row);
    }
    return this.assign(rows);
  }

  private assign(rows: readonly ProcessRow[]): ContainerProcessInfo[] {
    const owned = new Map<number, string>();
    const sessions = new Map<number, string>();
    const children = groupByParent(rows);
    const claim = (row: ProcessRow, container: string): void => {
      if (owned.has(row.pid)) return;
      owned.set(row.pid, container);
      if (row.session > 0) sessions.set(row.session, container);
      for (const child of children.get(row.pid) ?? []) claim(child, container);
    };
    for (const row of rows) {
      const marked = row.marker?.startsWith(`${this.owner}/`) ? row.marker.slice(this.owner.length + 1) : undefined;
      const container = marked ?? this.seen.get(identity(row));
      if (container !== undefined) claim(row, container);
    }
    for (let before = -1; before !== owned.size;) {
      before = owned.size;
      for (const row of rows) {
        const container = sessions.get(row.session);
        if (container !== undefined) claim(row, container);
      }
    }
    this.seen.clear();
    return rows.flatMap((row) => {
      const container = owned.get(row.pid);
      if (container === undefined) return [];
      this.seen.set(identity(row), container);
      return [{ pid: row.pid, container, command: row.command, memory: row.memory }];
    });
  }
}

function identity(row: ProcessRow): string {
  return `${row.pid} ${row.start}`;
}

function groupByParent(rows: readonly ProcessRow[]): Map<number, ProcessRow[]> {
  const groups = new Map<number, ProcessRow[]>();
  for (const row of rows) {
    const siblings = groups.get(row.parent);
    if (siblings === undefined) groups.set(row.parent, [row]);
    else siblings.push(row);
  }
  return groups;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}

function pids(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0);
}

/** A process as /proc tells; `undefined` when it has ended or is not ours to see. */
function readProcess(pid: number): ProcessRow | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const end = stat.lastIndexOf(')');
    // From the third field on: state, parent, process group, session, …; the start time is the 22nd.
    const fields = stat.slice(end + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
    const [, resident = 0, shared = 0] = readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ').map(Number);
    return {
      pid,
      parent: Number(fields[1]),
      session: Number(fields[3]),
      start: fields[19] ?? '',
      command: stat.slice(stat.indexOf('(') + 1, end),
      memory: (resident - shared) * PAGE,
      marker: new RegExp(`(?:^|\0)${MARKER}=([^\0]*)`).exec(environment)?.[1],
    };
  } catch {
    return undefined;
  }
}

/** The same by `ps`, for systems without /proc. Its `E` shows the environment of one's own processes. */
async function listProcesses(): Promise<ProcessRow[]> {
  const { stdout } = await run('ps', ['-A', '-E', '-ww', '-o', 'pid=,ppid=,pgid=,rss=,command='], {
    maxBuffer: 2 ** 26,
  });
  return stdout.split('\n').flatMap((line) => {
    const parts = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\S+)(.*)$/.exec(line);
    if (parts === null) return [];
    const [pid = 0, parent = 0, session = 0, kilobytes = 0] = parts.slice(1, 5).map(Number);
    const marker = new RegExp(`${MARKER}=(\\S+)`).exec(parts[6] ?? '')?.[1];
    return [{ pid, parent, session, start: '', command: parts[5] ?? '', memory: kilobytes * 1024, marker }];
  });
}
