import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import type { ContainerPaths } from './container-paths.js';
import { type ContainerProcess, type ProcessProps, StartError } from './container-process.js';
import { exitCode, PipeProcess } from './pipe-process.js';
import { MARKER } from './process-list.js';
import type { ProcessTable } from './process-table.js';
import { TerminalProcess } from './terminal-process.js';

/** What a container is made of, all paths being this machine's. */
export interface SandboxContainerProps {
  /** Names its processes in the process table: `<Pod uid>/<container>`. */
  readonly id: string;
  readonly command: readonly [string, ...string[]];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly paths: ContainerPaths;
  readonly terminationMessageFile: string;
  readonly table: ProcessTable;
}

/** How a container's main process ended. */
export interface ContainerEnd {
  readonly code: number;
  /** What the program left at its termination message path, at most 4096 bytes. */
  readonly message: string;
  /** The last of its stdout and stderr. */
  readonly output: string;
}

/** What an exec asks for. */
export interface ExecOptions {
  readonly command: readonly [string, ...string[]];
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

const MESSAGE_LIMIT = 4096;
/** What is kept of a container's output, as `terminationMessagePolicy: FallbackToLogsOnError` shows it. */
const OUTPUT_LIMIT = 2048;

/** The processes of one container: the main one and whatever was exec'd into it. They end together, with the main one. */
export class SandboxContainer {
  /** Resolves when the main process has ended and nothing of the container is left. */
  readonly ended: Promise<ContainerEnd>;
  private over = false;
  private output = Buffer.alloc(0);

  private constructor(
    private readonly props: SandboxContainerProps,
    private readonly main: ChildProcess,
  ) {
    this.ended = this.untilEnded();
  }

  /** @throws StartError when its program cannot be started */
  static async start(props: SandboxContainerProps): Promise<SandboxContainer> {
    const [file, ...args] = props.command;
    let main: ChildProcess;
    try {
      main = spawn(file, args, {
        cwd: props.directory,
        env: withMarker(props),
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      await once(main, 'spawn');
    } catch (error) {
      throw new StartError(file, error as NodeJS.ErrnoException);
    }
    return new SandboxContainer(props, main);
  }

  get running(): boolean {
    return !this.over;
  }

  /** @throws StartError when the program cannot be started */
  async exec({ command, tty, ...streams }: ExecOptions): Promise<ContainerProcess> {
    const [file, ...args] = command.map((word) => this.props.paths.translate(word)) as [string, ...string[]];
    const props: ProcessProps = {
      command: [file, ...args],
      directory: this.props.directory,
      environment: withMarker(this.props),
      ...streams,
    };
    const process = tty ? await TerminalProcess.start(props) : await PipeProcess.start(props);
    // It may have started while the container was being killed, after the last look at its processes.
    if (this.over) await this.sweep();
    return process;
  }

  /** Asks the main process to end; exec'd ones are not told, as on a real cluster. */
  terminate(): void {
    this.main.kill('SIGTERM');
  }

  /** Kills everything in the container at once. */
  async kill(): Promise<void> {
    if (!this.over) this.main.kill('SIGKILL');
    await this.sweep();
  }

  /** Kills the main process's group without waiting, for a process that is about to exit. */
  killNow(): void {
    try {
      process.kill(-(this.main.pid ?? 0), 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }

  private async untilEnded(): Promise<ContainerEnd> {
    const keep = (bytes: Buffer): void => {
      this.output = Buffer.concat([this.output, bytes]).subarray(-OUTPUT_LIMIT);
    };
    this.main.stdout?.on('data', keep);
    this.main.stderr?.on('data', keep);
    const [code, signal] = (await once(this.main, 'exit')) as [number | null, NodeJS.Signals | null];
    this.over = true;
    // The end of the first process of a PID namespace is the end of all the others.
    await this.sweep();
    this.main.stdout?.destroy();
    this.main.stderr?.destroy();
    const message = await readStart(this.props.terminationMessageFile, MESSAGE_LIMIT);
    return { code: exitCode(code, signal), message, output: this.output.toString() };
  }

  private async sweep(): Promise<void> {
    await this.props.table.kill((container) => container === this.props.id);
  }
}

function withMarker(props: SandboxContainerProps): Record<string, string> {
  return { ...props.environment, [MARKER]: props.table.marker(props.id) };
}

async function readStart(file: string, limit: number): Promise<string> {
  try {
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(limit), 0, limit, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return '';
  }
}
