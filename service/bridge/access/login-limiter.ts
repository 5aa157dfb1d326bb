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

  /** Seconds to wait before the next attempt; 0: go ahead, and this attempt is counted. */
  attempt(address: string): number {
    const since = this.now() - WINDOW;
    const recent = (this.attempts.get(address) ?? []).filter((at) => at > since);
    const oldest = recent[0];
    if (recent.length >= this.perMinute && oldest !== undefined) return Math.ceil((oldest - since) / 1000);
    // Deleted first, so that the map's order is the order of last use.
    this.attempts.delete(address);
    this.attempts.set(address, [...recent, this.now()]);
    if (this.attempts.size > this.capacity) this.attempts.delete(this.attempts.keys().next().value ?? '');
    return 0;
  }

  /** A right token: what was counted is forgotten. */
  succeeded(address: string): void {
    this.attempts.delete(address);
  }
}
