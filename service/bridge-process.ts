import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** How a bridge is run on this machine, as a process of its own. */
export interface BridgeProcessProps {
  /** The built entry, `dist/bridge/main.js`. */
  readonly entry: string;
  /** The bridge's environment (see ARCHITECTURE.md); PORT and OPS_PORT are chosen when absent. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where its log goes. @default 'ignore' */
  readonly log?: 'inherit' | 'ignore' | number;
}

/** A bridge that runs as a child process, so that it can crash without taking anything else along. */
export class BridgeProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
    readonly opsPort: number,
  ) {}

  /** Starts a bridge and waits until it is ready. @throws Error when it exits before that. */
  static async start(props: BridgeProcessProps): Promise<BridgeProcess> {
    const port = Number(props.environment['PORT'] ?? (await freePort()));
    const opsPort = Number(props.environment['OPS_PORT'] ?? (await freePort()));
    const child = spawn(process.execPath, ['--enable-source-maps', props.entry], {
      env: { PATH: process.env['PATH'] ?? '', ...props.environment, PORT: String(port), OPS_PORT: String(opsPort) },
      stdio: ['ignore', props.log ?? 'ignore', props.log ?? 'ignore'],
    });
    const bridge = new BridgeProcess(child, port, opsPort);
    await bridge.untilReady();
    return bridge;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Resolves when the process has ended. */
  async ended(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
  }

  /** Sends `signal` and waits for the end: SIGTERM drains, SIGKILL does not. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.child.kill(signal);
    await this.ended();
  }

  private async untilReady(): Promise<void> {
    for (;;) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(
          `the bridge ended with ${String(this.child.exitCode ?? this.child.signalCode)} before it was ready`,
        );
      }
      const ready = await fetch(`http://127.0.0.1:${this.opsPort}/readyz`).then(
        (response) => response.ok,
        () => false,
      );
      if (ready) return;
      await delay(50);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
