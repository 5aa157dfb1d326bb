import type { Shell } from './shell.js';

/** How often the screen draws, in milliseconds. */
const TICK = 4;

/**
 * A screen that draws so many bytes a second, as a browser does: whatever the network brings is taken and waits in the
 * page's memory, and only what has been drawn is seen and acknowledged.
 */
export class SlowScreen {
  /** Bytes drawn so far. */
  drawn = 0;
  private readonly waiting: Uint8Array[] = [];
  private drawnAt = performance.now();
  private readonly timer = setInterval(() => this.draw(), TICK);

  /** Takes over the output of `shell` until `stop`. */
  constructor(
    private readonly shell: Shell,
    private readonly bytesPerSecond: number,
  ) {
    shell.listener = (bytes) => {
      if (this.waiting.length === 0) this.drawnAt = Math.max(this.drawnAt, performance.now() - TICK);
      this.waiting.push(bytes);
    };
  }

  stop(): void {
    clearInterval(this.timer);
    this.shell.listener = this.shell.draw;
  }

  private draw(): void {
    const now = performance.now();
    let budget = Math.floor(((now - this.drawnAt) * this.bytesPerSecond) / 1000);
    this.drawnAt = now;
    while (budget > 0) {
      const piece = this.waiting.shift();
      if (piece === undefined) return;
      const part = piece.subarray(0, budget);
      if (part.length < piece.length) this.waiting.unshift(piece.subarray(part.length));
      budget -= part.length;
      this.drawn += part.length;
      this.shell.look(part);
      this.shell.terminal.acknowledge(part.length);
    }
  }
}
