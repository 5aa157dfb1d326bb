import type { Pod } from './pod.js';
import { privateMemory, scoreAdjustment } from './process-list.js';
import type { ProcessTable } from './process-table.js';
import { parseQuantity } from './quantity.js';

const INTERVAL = 1000;

interface Usage {
  readonly pid: number;
  readonly memory: number;
}

/**
 * Holds containers to their memory limits: looks once a second, for all of them at once, and only while there are any.
 * What counts is memory of a process's own; a real cgroup also counts page cache and tmpfs. A program that allocates
 * faster than that overshoots its limit for up to a second.
 */
export class MemoryGuard {
  private readonly limits = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly table: ProcessTable,
    private readonly singleProcess: boolean,
    private readonly outOfMemory: (pod: string, container: string) => void,
  ) {}

  watch(pod: Pod): void {
    for (const { name, resources } of pod.spec.containers) {
      const limit = parseQuantity(resources?.limits?.['memory'] ?? '');
      if (limit !== undefined && limit > 0) this.limits.set(`${pod.metadata.uid}/${name}`, limit);
    }
    if (this.limits.size > 0) this.timer ??= this.later();
  }

  forget(pod: Pod): void {
    for (const { name } of pod.spec.containers) this.limits.delete(`${pod.metadata.uid}/${name}`);
    if (this.limits.size === 0) this.stop();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.limits.clear();
  }

  private later(): NodeJS.Timeout {
    return setTimeout(() => {
      void this.look().finally(() => {
        if (this.timer !== undefined) this.timer = this.later();
      });
    }, INTERVAL);
  }

  private async look(): Promise<void> {
    const processes = new Map<string, Usage[]>();
    for (const { container, pid } of await this.table.look()) {
      if (!this.limits.has(container)) continue;
      const row = { pid, memory: privateMemory(pid) };
      const rows = processes.get(container);
      if (rows === undefined) processes.set(container, [row]);
      else rows.push(row);
    }
    for (const [container, rows] of processes) {
      const limit = this.limits.get(container) ?? Infinity;
      if (rows.reduce((sum, row) => sum + row.memory, 0) <= limit) continue;
      if (this.singleProcess) killWorst(rows, limit);
      else {
        const [pod = '', name = ''] = container.split('/');
        this.outOfMemory(pod, name);
      }
    }
  }
}

/** Kills the process that the kernel would choose: by its memory and its oom_score_adj (thousandths of the limit). */
function killWorst(rows: readonly Usage[], limit: number): void {
  const badness = (row: Usage): number => row.memory + (scoreAdjustment(row.pid) / 1000) * limit;
  const [worst] = [...rows].sort((a, b) => badness(b) - badness(a));
  if (worst === undefined) return;
  try {
    process.kill(worst.pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
