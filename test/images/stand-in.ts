import type { ChildProcess } from 'node:child_process';

/** One running stand-in server of a papers tier. */
export class StandIn {
  private constructor(
    readonly child: ChildProcess,
    private readonly address: string,
    private readonly port: number,
  ) {}

  /** Waits until the process says the port that it listens on. @throws Error with its last words if it ends first */
  static async of(child: ChildProcess, address = '127.0.0.1'): Promise<StandIn> {
    let said = '';
    const port = await new Promise<number>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on('data', (chunk: Buffer) => {
          said += chunk.toString();
          const match = /listens on (\d+)/.exec(said);
          if (match !== null) resolve(Number(match[1]));
        });
      }
      child.once('close', () => reject(new Error(`it ended: ${said}`)));
    });
    return new StandIn(child, address, port);
  }

  fetch(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`http://${this.address}:${this.port}${path}`, { ...init, headers: { connection: 'close' } });
  }

  /** Asks it to end as a kubelet does. @returns its exit code */
  async end(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    return ended;
  }
}
