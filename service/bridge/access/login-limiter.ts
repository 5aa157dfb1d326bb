/** Attempts are counted over this many milliseconds. */
const WINDOW = 60_000;

/** Counts failed logins by address over a sliding minute, for at most `capacity` addresses. */
export class LoginLimiter {
  private readonly attempts = new Map<string, number[]>();

  constructor(
    private readonly perMinute: number,
    private readonly now: () => number = Date.now,
    private readonly capacity = 10_000,
  ) {}

  /** Seconds until this address may try again; 0: now. */
  wait(address: string): number {
    const recent = this.recent(address);
    const oldest = recent[0];
    return recent.length < this.perMinute || oldest === undefined
      ? 0
      : Math.ceil((oldest + WINDOW - this.now()) / 1000);
  }

  /** A wrong token. What is refused unheard is not counted, or waiting would never end. */
  failed(address: string): void {
    const recent = this.recent(address);
    // Deleted first, so that the map's order is the order of last use.
    this.attempts.delete(address);
    this.attempts.set(address, [...recent, this.now()]);
    if (this.attempts.size > this.capacity) this.attempts.delete(this.attempts.keys().next().value ?? '');
  }

  private recent(address: string): number[] {
    const since = this.now() - WINDOW;
    return (this.attempts.get(address) ?? []).filter((at) => at > since);
  }
}
