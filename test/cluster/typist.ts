import { randomBytes } from 'node:crypto';
import { until } from '../stories/until.js';
import type { Viewer } from '../stories/viewer.js';

/** How often a typist types and looks at what came back, in milliseconds. */
const BEAT = 25;

/** What a typist can say afterwards. */
export interface TypingReport {
  /** How many bytes were typed; every one came back, once and in order. */
  readonly bytes: number;
  /** The longest time from typing a byte to its return, in milliseconds; exact to a beat of 25. */
  readonly longestPause: number;
}

/**
 * Types without a pause into a program that gives back every byte, so that each byte that is lost or typed twice on either
 * way shows.
 */
export class Typist {
  private readonly typed: Buffer[] = [];
  private typedBytes = 0;
  /** When what was not yet seen again was typed, and the output offset that shows it; the oldest first. */
  private readonly waiting: { readonly at: number; readonly offset: number }[] = [];
  private longest = 0;
  private typing = true;
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly viewer: Viewer,
    private readonly from: number,
  ) {
    const origin = viewer.offset - (viewer.bytes.length - from);
    this.timer = setInterval(() => this.beat(origin), BEAT);
  }

  /** Starts at a shell's prompt. */
  static async begin(viewer: Viewer): Promise<Typist> {
    viewer.type(`PS1='ready''> '; stty raw -echo isig; echo STA''RT; cat\r`);
    await viewer.sees(/START\n/);
    return new Typist(viewer, viewer.bytes.indexOf('START\n') + 'START\n'.length);
  }

  /** Bytes that were typed and have not come back. */
  get missing(): number {
    return this.typedBytes - (this.viewer.bytes.length - this.from);
  }

  /** Stops, waits for what is under way, and leaves the viewer at the prompt. Throws when what came back differs. */
  async end(): Promise<TypingReport> {
    this.typing = false;
    try {
      await until('everything typed to come back', () => this.waiting.length === 0, 90_000);
    } finally {
      clearInterval(this.timer);
    }
    const typed = Buffer.concat(this.typed);
    const back = this.viewer.bytes.subarray(this.from, this.from + typed.length);
    if (!back.equals(typed)) {
      const at = typed.findIndex((byte, index) => byte !== back[index]);
      throw new Error(`of ${typed.length} bytes typed, those from ${at} on came back otherwise`);
    }
    if (this.missing < 0) throw new Error(`${-this.missing} bytes came back that nobody typed`);
    this.viewer.type('\x03');
    // Not before the prompt: what comes with the Ctrl-C, the dying program may still read.
    await this.viewer.sees(/ready> $/);
    await this.viewer.run(`stty sane; echo DO''NE`, /DONE/);
    return { bytes: typed.length, longestPause: this.longest };
  }

  private beat(origin: number): void {
    const now = Date.now();
    while (this.waiting[0] !== undefined && this.waiting[0].offset <= this.viewer.offset) {
      this.longest = Math.max(this.longest, now - this.waiting[0].at);
      this.waiting.shift();
    }
    if (!this.typing) return;
    const text = Buffer.from(randomBytes(3).toString('hex'));
    this.typed.push(text);
    this.typedBytes += text.length;
    this.waiting.push({ at: now, offset: origin + this.typedBytes });
    this.viewer.type(text);
  }
}
