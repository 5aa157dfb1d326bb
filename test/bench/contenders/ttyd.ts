import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import WebSocket from 'ws';
import { freePort } from '../free-port.js';
import { listens } from '../listens.js';
import type { Contender, Memory, Output, Terminal } from '../terminal.js';

/** ttyd: a local PTY behind a WebSocket, in C, with no Kubernetes in between. */
export class Ttyd implements Contender {
  readonly name = 'ttyd';

  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
  ) {}

  static async start(command: readonly string[]): Promise<Ttyd> {
    const port = await freePort();
    const child = spawn('ttyd', ['-W', '-i', '127.0.0.1', '-p', String(port), ...command], { stdio: 'ignore' });
    await listens(port, child, 'ttyd');
    return new Ttyd(child, port);
  }

  async open(output: Output): Promise<Terminal> {
    const socket = new WebSocket(`ws://127.0.0.1:${this.port}/ws`, ['tty'], { perMessageDeflate: false });
    socket.on('error', () => undefined);
    socket.on('message', (data) => {
      const message = data as Buffer;
      if (message[0] === OUTPUT) output(message.subarray(1));
    });
    await once(socket, 'open');
    socket.send(JSON.stringify({ AuthToken: '', columns: 80, rows: 24 }));
    return new TtydTerminal(socket);
  }

  async comeBack(lost: Terminal, output: Output): Promise<Terminal> {
    await lost.close();
    return this.open(output);
  }

  memory(): Promise<Memory> {
    const kilobytes = execFileSync('ps', ['-o', 'rss=', '-p', String(this.child.pid)], { encoding: 'utf8' });
    return Promise.resolve({ rss: Number(kilobytes) * 1024 });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}

const OUTPUT = '0'.charCodeAt(0);
const INPUT = '0';
const PAUSE = '2';
const RESUME = '3';
/** ttyd's page asks for a pause when ten pieces of so much wait to be drawn, and reads on under four. */
const PIECE = 100_000;

class TtydTerminal implements Terminal {
  private waiting = 0;
  private paused = false;

  constructor(private readonly socket: WebSocket) {
    socket.on('message', (data) => {
      this.waiting += (data as Buffer).length - 1;
      if (!this.paused && this.waiting > 10 * PIECE) this.setPaused(true);
    });
  }

  type(input: string): void {
    this.socket.send(Buffer.from(`${INPUT}${input}`));
  }

  acknowledge(bytes: number): void {
    this.waiting = Math.max(0, this.waiting - bytes);
    if (this.paused && this.waiting < 4 * PIECE) this.setPaused(false);
  }

  stall(stalled: boolean): void {
    if (stalled) this.socket.pause();
    else this.socket.resume();
  }

  async close(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.socket, 'close');
    this.socket.terminate();
    await closed;
  }

  private setPaused(paused: boolean): void {
    this.paused = paused;
    this.socket.send(paused ? PAUSE : RESUME);
  }
}
