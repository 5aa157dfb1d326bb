import type { Terminal } from '@xterm/xterm';

/**
 * xterm parses what is written later, but resizes and resets at once. This keeps all three in the order of the calls:
 * what was written for 80 columns is parsed at 80 columns.
 */
export class OrderedWriter {
  private parsing = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly terminal: Pick<Terminal, 'write'>) {}

  /** `parsing` is called just before the parser may see the bytes, `done` after it has. */
  write(bytes: Uint8Array, done: () => void): void {
    if (this.waiting.length > 0) {
      this.waiting.push(() => this.write(bytes, done));
      return;
    }
    this.parsing++;
    this.terminal.write(bytes, () => {
      this.parsing--;
      done();
      this.drain();
    });
  }

  /** Runs `action` when all that was written before is parsed, and before anything that is written after. */
  then(action: () => void): void {
    if (this.parsing === 0 && this.waiting.length === 0) return action();
    this.waiting.push(() => this.then(action));
  }

  private drain(): void {
    while (this.parsing === 0 && this.waiting.length > 0) {
      // Each waiting call sees an empty list in front of it, so it acts, and writes after it run on together.
      const batch = this.waiting.splice(0);
      for (const call of batch) call();
    }
  }
}
