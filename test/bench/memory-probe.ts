import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Memory } from './terminal.js';

/** Looks into the memory of a Node process that was started with `environment`. */
export class MemoryProbe {
  /** @param path a unix socket that does not exist yet */
  constructor(private readonly path: string) {}

  get environment(): Readonly<Record<string, string>> {
    const module = fileURLToPath(new URL('memory-probe.mjs', import.meta.url));
    return { NODE_OPTIONS: `--import=${module}`, BENCH_PROBE: this.path };
  }

  /** `settled`: garbage is collected first. */
  async read(settled: boolean): Promise<Memory> {
    const socket = connect(this.path);
    socket.write(settled ? 'settled' : 'now');
    const use = JSON.parse(await text(socket)) as NodeJS.MemoryUsage;
    return { rss: use.rss, live: use.heapUsed + use.external };
  }
}
