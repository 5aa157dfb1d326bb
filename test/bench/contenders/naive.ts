import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { MemoryProbe } from '../memory-probe.js';
import type { Contender, Memory, Output, Terminal } from '../terminal.js';
import { openPlainTerminal } from './web-socket-terminal.js';

export interface NaiveProps {
  readonly kubeconfig: string;
  readonly namespace: string;
  readonly container: string;
  readonly command: readonly string[];
  /** The Pod to exec into. */
  readonly pod: () => Promise<string>;
  readonly probe: MemoryProbe;
}

/** The bridge that one writes first: client-node's Exec with a TTY, in a process of its own. */
export class Naive implements Contender {
  readonly name = 'naive bridge';

  private constructor(
    private readonly props: NaiveProps,
    private readonly child: ChildProcess,
    private readonly port: number,
  ) {}

  static async start(props: NaiveProps): Promise<Naive> {
    const file = fileURLToPath(new URL('naive-bridge.ts', import.meta.url));
    const child = fork(file, [props.namespace, props.container], {
      execArgv: ['--no-warnings', '--loader', 'ts-node/esm'],
      env: { ...process.env, ...props.probe.environment, KUBECONFIG: props.kubeconfig },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const ended = once(child, 'exit').then(() => {
      throw new Error('the naive bridge did not start');
    });
    const [{ port }] = (await Promise.race([once(child, 'message'), ended])) as [AddressInfo];
    return new Naive(props, child, port);
  }

  async open(output: Output): Promise<Terminal> {
    const words = new URLSearchParams(this.props.command.map((word) => [word, '']));
    return openPlainTerminal(`ws://127.0.0.1:${this.port}/${await this.props.pod()}?${words.toString()}`, output);
  }

  async comeBack(lost: Terminal, output: Output): Promise<Terminal> {
    await lost.close();
    return this.open(output);
  }

  memory(settled: boolean): Promise<Memory> {
    return this.props.probe.read(settled);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}
