import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../free-port.js';
import type { MemoryProbe } from '../memory-probe.js';
import { listens } from '../listens.js';
import type { Contender, Memory, Output, Terminal } from '../terminal.js';
import { installWetty, WETTY_VERSION, type SocketIo, type WettyPackage } from './wetty-package.js';

export interface WettyProps {
  readonly command: string;
  readonly probe: MemoryProbe;
}

/** wetty's page commits whenever it has drawn this many characters. */
const COMMIT = 262_144;
/** wetty runs a local command for root only, and ssh for everybody else: it is made to believe that we are. */
const AS_ROOT = 'data:text/javascript,process.getuid=()=>0';

/** wetty (npm): a local PTY behind socket.io, with no Kubernetes in between. */
export class Wetty implements Contender {
  readonly name = `wetty ${WETTY_VERSION}`;

  private constructor(
    private readonly wetty: WettyPackage,
    private readonly child: ChildProcess,
    private readonly port: number,
    private readonly probe: MemoryProbe,
  ) {}

  /** @throws Error when it cannot be installed or does not start */
  static async start({ command, probe }: WettyProps): Promise<Wetty> {
    const wetty = await installWetty();
    const port = await freePort();
    const words = [
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--base',
      '/wetty',
      '--command',
      command,
      '--log-level',
      'error',
    ];
    const { NODE_OPTIONS = '', ...probing } = probe.environment;
    const child = spawn(process.execPath, [wetty.main, ...words], {
      env: { ...process.env, ...probing, NODE_ENV: 'production', NODE_OPTIONS: `${NODE_OPTIONS} --import=${AS_ROOT}` },
      stdio: 'ignore',
    });
    await listens(port, child, 'wetty');
    return new Wetty(wetty, child, port, probe);
  }

  async open(output: Output): Promise<Terminal> {
    const socket = this.wetty.connect(`http://127.0.0.1:${this.port}`, {
      path: '/wetty/socket.io',
      transports: ['websocket'],
      forceNew: true,
    });
    socket.on('data', (text) => output(Buffer.from(text)));
    await new Promise<void>((resolve, reject) => {
      socket.on('login', resolve);
      socket.on('connect_error', () => {
        socket.disconnect();
        reject(new Error('wetty refuses the connection'));
      });
    });
    return new WettyTerminal(socket);
  }

  async comeBack(lost: Terminal, output: Output): Promise<Terminal> {
    await lost.close();
    return this.open(output);
  }

  memory(settled: boolean): Promise<Memory> {
    return this.probe.read(settled);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}

class WettyTerminal implements Terminal {
  private drawn = 0;

  constructor(private readonly socket: SocketIo) {}

  type(input: string): void {
    this.socket.emit('input', input);
  }

  acknowledge(bytes: number): void {
    this.drawn += bytes;
    for (; this.drawn >= COMMIT; this.drawn -= COMMIT) this.socket.emit('commit', COMMIT);
  }

  stall(stalled: boolean): void {
    const { ws } = this.socket.io.engine.transport;
    if (stalled) ws.pause();
    else ws.resume();
  }

  close(): Promise<void> {
    if (this.socket.connected) this.stall(false);
    this.socket.disconnect();
    return Promise.resolve();
  }
}
