import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { type ContainerProcess, type ProcessProps, StartError } from './container-process.js';

/** An exec without a terminal: three pipes. */
export class PipeProcess implements ContainerProcess {
  readonly ended: Promise<number>;

  private constructor(private readonly child: ChildProcess) {
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => resolve(exitCode(code, signal)));
    });
    // Whatever happens to a pipe shows in the end of the program; EPIPE on its input is not an error of ours.
    child.stdin?.on('error', () => undefined);
  }

  /** @throws StartError when the program cannot be started */
  static async start(props: ProcessProps): Promise<PipeProcess> {
    const [file, ...args] = props.command;
    const pipe = (wanted: boolean): 'pipe' | 'ignore' => (wanted ? 'pipe' : 'ignore');
    let child: ChildProcess;
    try {
      child = spawn(file, args, {
        cwd: props.directory,
        env: props.environment,
        detached: true,
        stdio: [pipe(props.stdin), pipe(props.stdout), pipe(props.stderr)],
      });
      await once(child, 'spawn');
    } catch (error) {
      throw new StartError(file, error as NodeJS.ErrnoException);
    }
    return new PipeProcess(child);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  onOutput(listener: (channel: 1 | 2, bytes: Buffer) => void): void {
    this.child.stdout?.on('data', (bytes: Buffer) => listener(1, bytes));
    this.child.stderr?.on('data', (bytes: Buffer) => listener(2, bytes));
  }

  pauseOutput(): void {
    this.child.stdout?.pause();
    this.child.stderr?.pause();
  }

  resumeOutput(): void {
    this.child.stdout?.resume();
    this.child.stderr?.resume();
  }

  write(bytes: Buffer): boolean {
    const { stdin } = this.child;
    return stdin?.writable ? stdin.write(bytes) : true;
  }

  onDrain(listener: () => void): void {
    this.child.stdin?.on('drain', listener);
    this.child.stdin?.on('close', listener);
  }

  endInput(): void {
    this.child.stdin?.end();
  }

  resize(): void {
    // There is no terminal.
  }

  abandon(): void {
    this.endInput();
    const { stdout, stderr } = this.child;
    for (const stream of [stdout, stderr]) stream?.removeAllListeners('data').pause();
    const discard = (): void => {
      stdout?.destroy();
      stderr?.destroy();
    };
    if (this.child.exitCode !== null || this.child.signalCode !== null) discard();
    else this.child.once('exit', discard);
  }
}

/** A shell's way to write how a process ended. */
export function exitCode(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
