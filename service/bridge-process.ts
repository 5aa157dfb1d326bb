import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** How a bridge is run on this machine, as a process of its own. */
export interface BridgeProcessProps {
  /** The built entry, `main.js`. */
  readonly entry: string;
  /** The bridge's environment (see ARCHITECTURE.md); PORT and OPS_PORT are chosen when absent or 0. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where its log goes: a number is an open file. @default 'ignore' */
  readonly log?: 'inherit' | 'ignore' | number;
  /** Told why the bridge is not ready, after `quiet` and whenever that changes. @default nobody is told */
  readonly onWaiting?: (reasons: string) => void;
  /** How long a start is nothing to speak of, in milliseconds. @default 5000 */
  readonly quiet?: number;
  /** How long it may take to become ready, in milliseconds. @default 60000 */
  readonly patience?: number;
  /** Ends a start that is under way. @default it is waited for */
  readonly signal?: AbortSignal;
}

/** How long one look at the bridge may take, in milliseconds. */
const LOOK = 5_000;

/** Characters of the bridge's stderr that are kept: a ConfigError with every variable wrong fits. */
const LAST_WORDS = 8_192;

/** A bridge that runs as a child process, so that it can crash without taking anything else along. */
export class BridgeProcess {
  private words = '';
  private readonly closed: Promise<void>;

  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
    readonly opsPort: number,
  ) {
    this.closed = new Promise((resolve) => child.once('close', () => resolve()));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.words = (this.words + text).slice(-LAST_WORDS);
    });
  }

  /** Starts a bridge and waits until it is ready. @throws Error with the bridge's own words when it does not get there */
  static async start(props: BridgeProcessProps): Promise<BridgeProcess> {
    const port = await portOf(props.environment['PORT']);
    const opsPort = await portOf(props.environment['OPS_PORT']);
    const child = spawn(process.execPath, ['--enable-source-maps', props.entry], {
      env: { PATH: process.env['PATH'] ?? '', ...props.environment, PORT: String(port), OPS_PORT: String(opsPort) },
      stdio: ['ignore', props.log ?? 'ignore', 'pipe'],
    });
    const bridge = new BridgeProcess(child, port, opsPort);
    try {
      await bridge.untilReady(props);
      return bridge;
    } catch (error) {
      await bridge.stop('SIGKILL');
      throw error;
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Resolves when the process has ended, with how it ended and what it said at last. */
  async ended(): Promise<string> {
    await this.closed;
    const words = this.words.trim();
    return `the bridge ended with ${String(this.child.exitCode ?? this.child.signalCode)}${words && `:\n${words}`}`;
  }

  /** Sends `signal` and waits for the end: SIGTERM drains, SIGKILL does not. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.child.kill(signal);
    await this.closed;
  }

  private async untilReady(props: BridgeProcessProps): Promise<void> {
    const { onWaiting, quiet = 5_000, patience = 60_000, signal } = props;
    const started = performance.now();
    let told: string | undefined;
    for (;;) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) throw new Error(await this.ended());
      const reasons = await this.notReady();
      if (reasons === undefined) return;
      signal?.throwIfAborted();
      const waited = performance.now() - started;
      if (waited > patience) throw new Error(`the bridge is not ready after ${patience / 1000} s:\n${reasons}`);
      if (waited > quiet && reasons !== told) onWaiting?.((told = reasons));
      await delay(50);
    }
  }

  /** Why it is not ready, in its own words; `undefined`: it is. */
  private async notReady(): Promise<string | undefined> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.opsPort}/readyz`, { signal: AbortSignal.timeout(LOOK) });
      const text = await response.text();
      return response.ok ? undefined : text.trim();
    } catch {
      return 'it does not listen yet';
    }
  }
}

/** A port that is free just now, if none was asked for. */
async function portOf(wanted: string | undefined): Promise<number> {
  if (wanted !== undefined && Number(wanted) !== 0) return Number(wanted);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
