import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../stories/until.js';

const root = join(import.meta.dirname, '../..');

/** One of the README's commands as somebody types it, with a temporary directory of its own to look at afterwards. */
export class Command {
  /** Short, for sockets are made below it. */
  readonly temporary = mkdtempSync('/tmp/cmd-');
  /** What it has printed so far, both streams. */
  output = '';
  private readonly child: ChildProcess;
  private readonly ended: Promise<number | null>;

  /** `npm run --silent <script> -- <words>`, in a process group of its own, as a terminal starts it. */
  constructor(script: string, words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.child = spawn('npm', ['run', '--silent', script, '--', ...words], {
      cwd: root,
      detached: true,
      env: { ...process.env, TMPDIR: this.temporary, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
  }

  /** Waits until it has printed this. @throws Error when it ends without */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    return until(`${String(pattern)} in what it prints`, () => {
      const match = pattern.exec(this.output);
      if (match === null && this.child.exitCode !== null) throw new Error(`it has ended: ${this.output}`);
      return match ?? undefined;
    });
  }

  /** Ctrl-C in its terminal: every process of the group hears it. */
  interrupt(): void {
    try {
      if (this.child.pid !== undefined) process.kill(-this.child.pid, 'SIGINT');
    } catch (error) {
      // The whole group has ended.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** Tells npm alone, as a supervisor does. */
  terminate(): void {
    this.child.kill('SIGTERM');
  }

  /** Its exit code. */
  exit(): Promise<number | null> {
    return this.ended;
  }

  /** What is still there of it: processes that were told of its temporary directory, and files in that. Linux only. */
  remains(): string[] {
    const processes = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && this.mentionedIn(pid));
    // npm's and its tools' cache of compiled scripts stays by intent.
    const files = readdirSync(this.temporary).filter((name) => !name.startsWith('v8-compile-cache'));
    return [...processes.map((pid) => `process ${pid}`), ...files];
  }

  /** For the end of a test, also of one that failed: nothing of it goes on. */
  async clear(): Promise<void> {
    this.interrupt();
    await this.ended;
    rmSync(this.temporary, { recursive: true, force: true });
  }

  private mentionedIn(pid: string): boolean {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(this.temporary);
    } catch {
      return false;
    }
  }
}
