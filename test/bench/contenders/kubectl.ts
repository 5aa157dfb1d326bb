import { spawn, type IPty } from '@lydell/node-pty';
import type { Contender, Output, Terminal } from '../terminal.js';

export interface KubectlProps {
  /** The command and what goes before its own words, e.g. `kubectl --context lab`. */
  readonly prefix: readonly string[];
  readonly namespace: string;
  readonly container: string;
  readonly command: readonly string[];
  /** The Pod to exec into. */
  readonly pod: () => Promise<string>;
}

/** `kubectl exec -it` in a terminal of this machine: a TTY exec through the API server, and no browser. */
export class Kubectl implements Contender {
  readonly name = 'kubectl exec -it';

  constructor(private readonly props: KubectlProps) {}

  async open(output: Output): Promise<Terminal> {
    const { prefix, namespace, container, command, pod } = this.props;
    const [file = 'kubectl', ...first] = prefix;
    const words = [...first, 'exec', '-it', '-n', namespace, await pod(), '-c', container, '--', ...command];
    // Without an encoding the data are Buffers, whatever the type says.
    const pty = spawn(file, words, { cols: 80, rows: 24, encoding: null, name: 'xterm-256color' });
    pty.onData((data) => output(data as unknown as Uint8Array));
    return new KubectlTerminal(pty);
  }

  async comeBack(lost: Terminal, output: Output): Promise<Terminal> {
    await lost.close();
    return this.open(output);
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}

class KubectlTerminal implements Terminal {
  private ended = false;

  constructor(private readonly pty: IPty) {
    pty.onExit(() => (this.ended = true));
  }

  type(input: string): void {
    this.pty.write(input);
  }

  acknowledge(): void {
    // A terminal's reader is its own flow control: what is not read stops kubectl.
  }

  stall(stalled: boolean): void {
    if (this.ended) return;
    if (stalled) this.pty.pause();
    else this.pty.resume();
  }

  close(): Promise<void> {
    if (!this.ended) this.pty.kill('SIGKILL');
    return Promise.resolve();
  }
}
