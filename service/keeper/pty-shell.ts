import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { writeFileSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { foregroundGroup, processesOf, signalAll } from './process-tree.js';
import type { Shell, ShellEvents, ShellExit } from './shell.js';
import type { Size } from './size-history.js';

export interface PtyShellProps {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly size: Size;
  readonly events: ShellEvents;
}

/** The addon of node-pty, below its JavaScript. */
interface PtyAddon {
  fork(
    file: string,
    args: readonly string[],
    environment: readonly string[],
    directory: string,
    columns: number,
    rows: number,
    uid: number,
    gid: number,
    utf8: boolean,
    helper: string,
    onExit: (code: number, signal: number) => void,
  ): { readonly pid: number; readonly fd: number };
  resize(fd: number, columns: number, rows: number): void;
}

const BUFFER = 32 * 1024;
/** The kernel kills by size; this much of all memory is added to everything that the shell starts, never to the keeper. */
const OOM_SCORE = 300;
/** From SIGHUP to SIGKILL, in milliseconds. */
const GRACE = 300;
/** How long output may still arrive after the shell has ended, in milliseconds: a safety net, the PTY says when it is over. */
const DRAIN = 1000;

/**
 * A shell on a PTY. The addon of node-pty is used without its JavaScript: that destroys its socket 200 ms after the exit,
 * with whatever a paused reader has not read, and sets IUTF8 (which erases whole characters) only for decoded output.
 */
export class PtyShell implements Shell {
  readonly pid: number;
  readonly maxRead = BUFFER;
  private readonly addon: PtyAddon;
  private readonly fd: number;
  private readonly stream: ReadStream;
  private readonly events: ShellEvents;
  private exit: ShellExit | undefined;
  private isPaused = false;
  private isClosed = false;

  constructor({ file, args, environment, directory, size: { columns, rows }, events }: PtyShellProps) {
    this.addon = loadAddon();
    this.events = events;
    const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    const exited = (code: number, signal: number): void => this.ended(code, signal);
    const forked = this.addon.fork(file, args, variables, directory, columns, rows, -1, -1, true, '', exited);
    this.pid = forked.pid;
    this.fd = forked.fd;
    raiseOomScore(forked.pid);
    const buffer = Buffer.allocUnsafeSlow(BUFFER);
    const onread = {
      buffer,
      callback: (length: number): boolean => {
        events.output(buffer.subarray(0, length));
        return !this.isPaused;
      },
    };
    // `onread` is an option of every socket; the types of a tty's leave it out. It reads into one buffer for ever.
    const Stream = ReadStream as unknown as new (fd: number, options: object) => ReadStream;
    this.stream = new Stream(forked.fd, { onread });
    // EIO is how a PTY says that nobody holds its other end any more.
    this.stream.on('error', () => this.closed());
    this.stream.on('close', () => this.closed());
    this.stream.resume();
  }

  write(bytes: Uint8Array): number {
    if (this.isClosed) return 0;
    try {
      return writeSync(this.fd, bytes);
    } catch {
      return 0; // EAGAIN: it would have to wait.
    }
  }

  resize({ columns, rows }: Size): void {
    if (!this.isClosed) this.addon.resize(this.fd, columns, rows);
  }

  pause(): void {
    if (this.isPaused || this.exit !== undefined) return;
    this.isPaused = true;
    this.stream.pause();
  }

  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.stream.resume();
  }

  interrupt(): void {
    this.signalForeground('SIGINT');
  }

  redraw(): void {
    this.signalForeground('SIGWINCH');
  }

  end(): void {
    const processes = processesOf(this.pid);
    signalAll(processes, 'SIGHUP');
    signalAll(processes, 'SIGCONT');
    setTimeout(() => {
      signalAll([...new Set([...processes, ...processesOf(this.pid)])].filter(isRunning), 'SIGKILL');
    }, GRACE);
  }

  sweep(): void {
    signalAll(processesOf(this.pid), 'SIGKILL');
  }

  private signalForeground(signal: NodeJS.Signals): void {
    const group = foregroundGroup(this.pid);
    if (group !== undefined) signalAll([-group], signal);
  }

  private ended(code: number, signal: number): void {
    const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0];
    this.exit = { code: signal === 0 ? code : 128 + signal, signal: name };
    // Jobs in the background would keep the terminal open.
    const left = processesOf(this.pid);
    signalAll(left, 'SIGHUP');
    signalAll(left, 'SIGCONT');
    // What the kernel still has is little and must not be lost, whoever is behind.
    this.resume();
    if (this.isClosed) this.announce();
    else setTimeout(() => this.stream.destroy(), DRAIN).unref();
  }

  private closed(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    if (this.exit !== undefined) this.announce();
  }

  private announce(): void {
    if (this.exit !== undefined) this.events.exited(this.exit);
  }
}

function loadAddon(): PtyAddon {
  const require = createRequire(import.meta.url);
  const loader = require('@lydell/node-pty/requireBinary.js') as { requireBinary(file: string): PtyAddon };
  return loader.requireBinary('pty.node');
}

function raiseOomScore(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, `${OOM_SCORE}`);
  } catch {
    // Not Linux, or gone already; then the kernel picks by size alone.
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
