import type { ConnectionState, Probe } from '../../service/client/connection/connection-state.js';
import type { Screen } from '../../service/client/connection/screen.js';
import { SessionConnection } from '../../service/client/connection/session-connection.js';
import type { OpenSocket } from '../../service/client/connection/socket.js';
import type { Gap, KeeperHello, Notice, Progress } from '../../service/protocol/control-message.js';
import { FakeClock } from './fake-clock.js';
import { FakeNetwork, type FakeSocket } from './fake-socket.js';

/** A screen that remembers, and draws when it is told to. */
export class FakeScreen implements Screen {
  readonly wanted = { columns: 80, rows: 24 };
  readonly steps: string[] = [];
  readonly repeated: string[] = [];
  /** Everything written since the last reset. */
  written = Buffer.alloc(0);
  /** Whether it draws at once. */
  quick = true;
  private readonly undrawn: (() => void)[] = [];

  reset(columns: number, rows: number): void {
    this.steps.push(`reset ${columns}x${rows}`);
    this.written = Buffer.alloc(0);
  }

  resize(columns: number, rows: number): void {
    this.steps.push(`resize ${columns}x${rows}`);
  }

  write(bytes: Uint8Array, repeated: boolean, done: () => void): void {
    this.written = Buffer.concat([this.written, bytes]);
    if (repeated) this.repeated.push(Buffer.from(bytes).toString('latin1'));
    if (this.quick) done();
    else this.undrawn.push(done);
  }

  draw(count = Number.POSITIVE_INFINITY): void {
    for (const done of this.undrawn.splice(0, Math.min(count, this.undrawn.length))) done();
  }

  get text(): string {
    return this.written.toString('latin1');
  }
}

/** A page without a browser: the connection, with everything around it played by the test. */
export class Page {
  readonly clock = new FakeClock();
  readonly network = new FakeNetwork();
  readonly screen = new FakeScreen();
  readonly states: ConnectionState[] = [];
  readonly lags: number[] = [];
  readonly progress: Progress[] = [];
  readonly notices: Notice[] = [];
  readonly gaps: Gap[] = [];
  readonly refused: string[] = [];
  probe: () => Promise<Probe> = () => Promise.resolve({ kind: 'attach' });
  probes = 0;
  readonly connection: SessionConnection;

  constructor(open?: OpenSocket) {
    let ids = 0;
    this.connection = new SessionConnection({
      viewer: 'viewer-0',
      renewViewer: () => `viewer-${++ids}`,
      open: open ?? this.network.open,
      probe: () => {
        this.probes++;
        return this.probe();
      },
      screen: this.screen,
      clock: this.clock,
      listener: {
        stateChanged: (state) => this.states.push(state),
        lagMeasured: (lag) => this.lags.push(lag),
        progressed: (progress) => this.progress.push(progress),
        noticed: (notice) => this.notices.push(notice),
        dropped: (gap) => this.gaps.push(gap),
        inputRefused: (why) => this.refused.push(why),
      },
    });
  }

  get socket(): FakeSocket {
    return this.network.last;
  }

  type(text: string): void {
    this.connection.type(Buffer.from(text, 'latin1'));
  }

  /** Attaches from scratch: hello, an empty replay at `output`. */
  attach(hello: Partial<KeeperHello> = {}, output = 0): FakeSocket {
    this.connection.start();
    this.welcome(hello);
    this.socket.tell({ type: 'replay', output, columns: 80, rows: 24 });
    return this.socket;
  }

  /** The keeper's answer on the newest socket. */
  welcome(hello: Partial<KeeperHello> = {}): void {
    this.socket.open();
    this.socket.tell({
      type: 'hello',
      version: 1,
      input: 0,
      role: 'writer',
      viewers: 1,
      columns: 80,
      rows: 24,
      ...hello,
    });
  }

  /** The socket is lost after it lasted a while, and the page has opened another. */
  async lose(code = 1006): Promise<FakeSocket> {
    await this.clock.pass(2_000);
    const before = this.network.sockets.length;
    this.socket.drop(code);
    await this.clock.pass(10_000);
    if (this.network.sockets.length === before) throw new Error('the page did not open another socket');
    return this.socket;
  }
}
