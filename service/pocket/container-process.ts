/** A program that was started in a container by an exec. */
export interface ContainerProcess {
  readonly pid: number;
  /** Resolves with the exit code (128 + n for signal n) once it has ended and its output has been read. */
  readonly ended: Promise<number>;
  /** Calls `listener` with its output; `channel` 1 is stdout (or the terminal), 2 stderr. */
  onOutput(listener: (channel: 1 | 2, bytes: Buffer) => void): void;
  pauseOutput(): void;
  resumeOutput(): void;
  /** Gives it input. `false`: it has not taken all so far; wait for `onDrain`. */
  write(bytes: Buffer): boolean;
  onDrain(listener: () => void): void;
  /** Ends its input; a terminal has no end of input, so there nothing happens. */
  endInput(): void;
  /** Nothing happens without a terminal. */
  resize(columns: number, rows: number): void;
  /** Its stream was lost: input ends, and output is never read again, so it may block in write() for ever. */
  abandon(): void;
}

/** What to start. */
export interface ProcessProps {
  readonly command: readonly [string, ...string[]];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** A program that could not be started, in the words of the container runtime. */
export class StartError extends Error {
  constructor(command: string, cause: NodeJS.ErrnoException | string) {
    const why =
      typeof cause === 'string'
        ? cause
        : cause.code === 'ENOENT'
          ? command.includes('/')
            ? 'no such file or directory'
            : 'executable file not found in $PATH'
          : cause.code === 'EACCES'
            ? 'permission denied'
            : cause.message;
    const stat = command.includes('/') && why === 'no such file or directory' ? `stat ${command}: ` : '';
    super(`unable to start container process: exec: "${command}": ${stat}${why}: unknown`);
  }
}
