/** Waits that double from 0.1 s to 30 s, each drawn at random from its upper half, so that replicas do not march in step. */
export class BackOff {
  private failures = 0;

  constructor(
    private readonly first = 100,
    private readonly longest = 30_000,
  ) {}

  /** The next wait, in milliseconds. */
  next(): number {
    const ceiling = Math.min(this.longest, this.first * 2 ** this.failures);
    this.failures += 1;
    return ceiling * (0.5 + Math.random() / 2);
  }

  reset(): void {
    this.failures = 0;
  }
}
