import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';

/** A program that runs until it is stopped, and never longer than this process. */
export class ServerProcess {
  private constructor(
    private readonly name: string,
    private readonly child: ReturnType<typeof spawn>,
    private readonly log: string,
  ) {}

  /** Starts it with both outputs in a file. The kernel ends it with this process, however that ends. */
  static async start(name: string, command: readonly string[], log: string): Promise<ServerProcess> {
    const file = await open(log, 'a');
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], { stdio: ['ignore', file.fd, file.fd] });
    child.on('error', () => undefined); // `alive` says so
    await file.close();
    return new ServerProcess(name, child, log);
  }

  /** Throws with the end of its log when it is not running any more. */
  async alive(): Promise<void> {
    if (this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null) return;
    const words = (await readFile(this.log, 'utf8')).trimEnd().split('\n').slice(-15).join('\n');
    throw new Error(`${this.name} ended:\n${words}`);
  }

  /** Ends it at once: nothing that it keeps is wanted. */
  async stop(): Promise<void> {
    if (this.child.pid === undefined || this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }
}
