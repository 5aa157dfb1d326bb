import { readFileSync } from 'node:fs';

/** The cgroup's counters, v2 and v1; whichever is there is read. */
export const OOM_COUNTERS = ['/sys/fs/cgroup/memory.events', '/sys/fs/cgroup/memory/memory.oom_control'] as const;

/** Notices that the kernel has killed something in this sandbox for want of memory. */
export class OomWatcher {
  private seen: number;

  constructor(private readonly paths: readonly string[] = OOM_COUNTERS) {
    this.seen = this.read();
  }

  /** How many processes it has killed since the last time; 0 where no counter can be read. */
  check(): number {
    const count = this.read();
    const fresh = Math.max(0, count - this.seen);
    this.seen = count;
    return fresh;
  }

  private read(): number {
    for (const path of this.paths)
      try {
        const found = /^oom_kill (\d+)$/m.exec(readFileSync(path, 'utf8'));
        if (found !== null) return Number(found[1]);
      } catch {
        // Not this version of cgroups.
      }
    return 0;
  }
}
