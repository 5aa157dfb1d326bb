import { Keeper } from '../../service/keeper/keeper.js';
import type { KeeperProps } from '../../service/keeper/keeper.js';
import type { Attachment } from '../../service/keeper/attachment.js';
import type { Clock } from '../../service/keeper/clock.js';
import type { Shell, ShellEvents } from '../../service/keeper/shell.js';
import type { Size } from '../../service/keeper/size-history.js';
import type { Exit, KeeperMessage } from '../../service/protocol/control-message.js';
import type { Viewer } from './viewer.js';

/** Time that moves only when it is told to. */
export class FakeClock implements Clock {
  private time = 1_000_000;
  private timers: { readonly at: number; readonly work: () => void }[] = [];
  private queue: (() => void)[] = [];

  now(): number {
    return this.time;
  }

  after(ms: number, work: () => void): () => void {
    const timer = { at: this.time + ms, work };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  soon(work: () => void): void {
    this.queue.push(work);
  }

  /** Runs what is due now, until nothing is. */
  settle(): void {
    for (let work = this.queue.shift(); work !== undefined; work = this.queue.shift()) work();
  }

  advance(ms: number): void {
    const until = this.time + ms;
    this.settle();
    for (;;) {
      const next = this.timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.timers = this.timers.filter((timer) => timer !== next);
      this.time = Math.max(this.time, next.at);
      next.work();
      this.settle();
    }
    this.time = until;
  }
}

/** A program that writes when it is told to, and waits while nobody reads. */
export class FakeShell implements Shell {
  readonly pid = 4711;
  readonly maxRead = 16 * 1024;
  readonly typed: Buffer[] = [];
  readonly sizes: Size[] = [];
  readonly signals: string[] = [];
  /** How many bytes the terminal still takes. */
  room = Infinity;
  private isReading = true;
  private pending = Buffer.alloc(0);

  constructor(
    size: Size,
    private readonly events: ShellEvents,
  ) {
    this.sizes.push(size);
  }

  /** What the program has written and nobody has read. */
  get blocked(): number {
    return this.pending.length;
  }

  print(bytes: string | Buffer): void {
    this.pending = Buffer.concat([this.pending, Buffer.from(bytes)]);
    this.flush();
  }

  exit(code: number, signal?: string): void {
    this.isReading = true;
    this.flush();
    this.events.exited({ code, signal });
  }

  write(bytes: Uint8Array): number {
    const taken = Math.min(bytes.length, this.room);
    this.room -= taken;
    if (taken > 0) this.typed.push(Buffer.from(bytes.subarray(0, taken)));
    return taken;
  }

  resize(size: Size): void {
    this.sizes.push(size);
  }

  pause(): void {
    this.isReading = false;
  }

  resume(): void {
    if (this.isReading) return;
    this.isReading = true;
    this.flush();
  }

  interrupt(): void {
    this.signals.push('SIGINT');
  }

  redraw(): void {
    this.signals.push('SIGWINCH');
  }

  end(): void {
    this.signals.push('SIGHUP');
    this.events.exited({ code: 129, signal: 'SIGHUP' });
  }

  sweep(): void {
    this.signals.push('SIGKILL');
  }

  private flush(): void {
    while (this.isReading && this.pending.length > 0) {
      const chunk = this.pending.subarray(0, this.maxRead);
      this.pending = this.pending.subarray(chunk.length);
      this.events.output(chunk);
    }
  }
}

/** A keeper without processes, sockets or time, and what happened to it. */
export class World {
  readonly clock = new FakeClock();
  readonly keeper: Keeper;
  readonly ends: Exit[] = [];
  private started: FakeShell | undefined;

  constructor(props: Partial<KeeperProps> = {}) {
    this.keeper = new Keeper({
      startShell: (size, events) => (this.started = new FakeShell(size, events)),
      clock: this.clock,
      hold: 60_000,
      idle: 0,
      deadline: 0,
      logBytes: 1024 * 1024,
      log: () => undefined,
      onEnd: (exit) => this.ends.push(exit),
      ...props,
    });
  }

  get shell(): FakeShell {
    if (this.started === undefined) throw new Error('the shell has not started');
    return this.started;
  }

  /** Connects a viewer; `lose` breaks the connection without a word. */
  connect(viewer: Viewer, hello: Parameters<Viewer['connected']>[1] = {}): Connection {
    const connection = new Connection(this, viewer);
    connection.open(hello);
    this.clock.settle();
    return connection;
  }

  /** Moves time as the keeper's own timer would. */
  pass(ms: number): void {
    for (let left = ms; left > 0; left -= 1000) {
      this.clock.advance(Math.min(1000, left));
      this.keeper.tick();
      this.clock.settle();
    }
  }

  print(bytes: string | Buffer): void {
    this.shell.print(bytes);
    this.clock.settle();
  }
}

/** One connection. What the viewer says while it is being told something arrives a moment later. */
export class Connection {
  readonly attachment: Attachment;
  /** Takes nothing more. */
  isStuck = false;
  isClosed = false;

  private telling = 0;

  constructor(
    private readonly world: World,
    private readonly viewer: Viewer,
  ) {
    const stuck = (): boolean => this.isStuck;
    this.attachment = world.keeper.attach({
      get isReady() {
        return !stuck();
      },
      control: (message: KeeperMessage) => this.tell(() => viewer.control(JSON.stringify(message))),
      data: (frame) => this.tell(() => viewer.data(frame)),
      close: () => {
        this.isClosed = true;
      },
    });
  }

  open(hello: Parameters<Viewer['connected']>[1]): void {
    const { attachment } = this;
    this.viewer.connected(
      {
        control: (json) => this.hear(() => attachment.receiveControl(json)),
        data: (frame) => this.hear(() => attachment.receiveData(frame)),
      },
      hello,
    );
  }

  private tell(work: () => void): void {
    this.telling++;
    work();
    this.telling--;
  }

  private hear(work: () => void): void {
    this.world.clock.soon(work);
    if (this.telling === 0) this.world.clock.settle();
  }

  lose(): void {
    this.viewer.disconnected();
    this.attachment.lost();
    this.world.clock.settle();
  }

  unstick(): void {
    this.isStuck = false;
    this.attachment.pump();
    this.world.clock.settle();
  }
}
