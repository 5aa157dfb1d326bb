import { spawn, type IPty } from '@lydell/node-pty';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type ContainerProcess, type ProcessProps, StartError } from './container-process.js';

/** Input that the terminal has not taken; beyond it the exec's stream is stopped. */
const INPUT_LIMIT = 64 * 1024;

/**
 * An exec with a terminal. As on a real cluster it is not killed when its stream is lost, and then blocks in write()
 * once the terminal's buffer is full. Unlike there, a terminal starts at 80×24 and not at 0×0: node-pty refuses that.
 */
export class TerminalProcess implements ContainerProcess {
  readonly ended: Promise<number>;
  private listener: ((channel: 1 | 2, bytes: Buffer) => void) | undefined;
  private over = false;

  private constructor(private readonly pty: IPty) {
    this.ended = new Promise((resolve) => {
      pty.onExit(({ exitCode, signal }) => {
        this.over = true;
        resolve(signal === undefined || signal === 0 ? exitCode : 128 + signal);
      });
    });
    pty.onData((data) => this.listener?.(1, data as unknown as Buffer));
    pty.pause();
  }

  /** @throws StartError when the program cannot be started */
  static async start(props: ProcessProps): Promise<TerminalProcess> {
    const [file, ...args] = props.command;
    await requireExecutable(file, props.environment['PATH'] ?? '');
    // Without an encoding the data are Buffers, whatever the type says.
    const options = { cwd: props.directory, env: props.environment, encoding: null, name: 'xterm' };
    return new TerminalProcess(spawn(file, args, options));
  }

  get pid(): number {
    return this.pty.pid;
  }

  onOutput(listener: (channel: 1 | 2, bytes: Buffer) => void): void {
    this.listener = listener;
    this.resumeOutput();
  }

  pauseOutput(): void {
    this.pty.pause();
  }

  resumeOutput(): void {
    if (!this.over) this.pty.resume();
  }

  write(bytes: Buffer): boolean {
    if (this.over) return true;
    this.pty.write(bytes as unknown as string);
    return this.waiting() < INPUT_LIMIT;
  }

  onDrain(listener: () => void): void {
    socketOf(this.pty)?.on('drain', listener);
  }

  endInput(): void {
    // A terminal's input has no end.
  }

  resize(columns: number, rows: number): void {
    if (this.over || columns < 1 || rows < 1) return;
    this.pty.resize(columns, rows);
  }

  abandon(): void {
    this.listener = undefined;
    this.pauseOutput();
  }

  private waiting(): number {
    return socketOf(this.pty)?.writableLength ?? 0;
  }
}

/** node-pty queues input without bound and does not say how much; its socket knows. */
function socketOf(pty: IPty): NodeJS.WriteStream | undefined {
  return (pty as unknown as { readonly _socket?: NodeJS.WriteStream })._socket;
}

/** A terminal's program that does not exist would only show as exit code 1. */
async function requireExecutable(file: string, path: string): Promise<void> {
  const candidates = file.includes('/') ? [file] : path.split(delimiter).map((folder) => join(folder, file));
  for (const candidate of candidates) {
    const found = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return;
  }
  throw new StartError(file, Object.assign(new Error('not found'), { code: 'ENOENT' }));
}
