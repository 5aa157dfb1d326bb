import { setImmediate as nextTick, setTimeout as delay } from 'node:timers/promises';
import { HAS_PROC, listByPs, listPids, markerOf, type ProcessRow, readProcess } from './process-list.js';

/** A process that belongs to a container. */
export interface ContainerProcessInfo {
  readonly pid: number;
  readonly container: string;
  readonly command: string;
}

const BATCH = 100;
const KILL_ROUNDS = 200;
/** A process that has been a stranger for this long, milliseconds, is not one that is just being started by us. */
const STRANGER_AFTER = 5000;

/**
 * Finds the processes of containers: those with the marker in their environment, those seen before, their descendants
 * and everything in their sessions. A process escapes only if it scrubs its environment, starts a session and loses its
 * parent between two looks; namespaces, which would be airtight, need root.
 */
export class ProcessTable {
  private seen = new Map<string, string>();
  private strangers = new Map<string, number>();
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
    if (!HAS_PROC) return;
    const rows = listPids().flatMap((pid) => this.read(pid) ?? []);
    for (const { pid } of this.assign(rows)) signal(pid, 'SIGKILL');
  }

  private async scan(): Promise<readonly ContainerProcessInfo[]> {
    if (!HAS_PROC) return this.assign(await listByPs());
    const rows: ProcessRow[] = [];
    for (const [index, pid] of listPids().entries()) {
      // Reading /proc never waits for a disk, but a thousand processes would hold up the event loop for too long.
      if (index % BATCH === BATCH - 1) await nextTick();
      const row = this.read(pid);
      if (row !== undefined) rows.push(row);
    }
    return this.assign(rows);
  }

  /** Reads a process, and its environment only as long as it is not known whose it is. */
  private read(pid: number): ProcessRow | undefined {
    const row = readProcess(pid);
    if (row === undefined) return undefined;
    const id = identity(row);
    const stranger = Date.now() - (this.strangers.get(id) ?? Infinity) > STRANGER_AFTER;
    return stranger || this.seen.has(id) ? row : { ...row, marker: markerOf(pid) };
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
    return this.remember(rows, owned);
  }

  private remember(rows: readonly ProcessRow[], owned: ReadonlyMap<number, string>): ContainerProcessInfo[] {
    const [seen, strangers] = [new Map<string, string>(), new Map<string, number>()];
    const found = rows.flatMap((row) => {
      const container = owned.get(row.pid);
      const id = identity(row);
      if (container !== undefined) {
        seen.set(id, container);
        return [{ pid: row.pid, container, command: row.command }];
      }
      strangers.set(id, this.strangers.get(id) ?? Date.now());
      return [];
    });
    [this.seen, this.strangers] = [seen, strangers];
    return found;
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
