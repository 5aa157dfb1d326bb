import type { Clock } from '../../service/client/connection/clock.js';

interface Timer {
  readonly at: number;
  readonly action: () => void;
}

/** Time that passes when the test says so, and chance that is what the test says. */
export class FakeClock implements Clock {
  chance = 0.5;
  private time = 1_000_000;
  private readonly timers = new Set<Timer>();

  now(): number {
    return this.time;
  }

  random(): number {
    return this.chance;
  }

  after(delay: number, action: () => void): () => void {
    const timer = { at: this.time + delay, action };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** Lets `milliseconds` pass; promises settle between the timers. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds;
    await settle();
    for (;;) {
      const due = [...this.timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.timers.delete(due);
      this.time = Math.max(this.time, due.at);
      due.action();
      await settle();
    }
    this.time = end;
  }
}

/** Lets what is already promised happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}
