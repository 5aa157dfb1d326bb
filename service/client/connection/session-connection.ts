import { CLOSE_CODES, retryAfter } from '../../protocol/close-code.js';
import type {
  Exit,
  Gap,
  KeeperHello,
  Notice,
  Progress,
  RoleChange,
  ServerMessage,
} from '../../protocol/control-message.js';
import { parseServerMessage, type ViewerMessage } from '../../protocol/control-message.js';
import { decodeDataFrame, encodeDataFrame, OPS } from '../../protocol/data-frame.js';
import { PROTOCOL_VERSION } from '../../protocol/version.js';
import type { Clock } from './clock.js';
import type { ConnectionState, Probe, Stopped, StopReason } from './connection-state.js';
import { Heartbeat } from './heartbeat.js';
import { InputQueue } from './input-queue.js';
import { OutputReceiver } from './output-receiver.js';
import { reconnectDelay } from './reconnect-delay.js';
import type { Screen } from './screen.js';
import type { OpenSocket, Socket } from './socket.js';

export interface SessionConnectionProps {
  readonly viewer: string;
  /** Another viewer id, for a tab that was duplicated and must not be taken for its twin. */
  readonly renewViewer: () => string;
  readonly open: OpenSocket;
  /** `GET api/sessions/:id`; never rejects. */
  readonly probe: () => Promise<Probe>;
  readonly screen: Screen;
  readonly clock: Clock;
  readonly listener: ConnectionListener;
}

/** What the page shows of a connection. */
export interface ConnectionListener {
  stateChanged(state: ConnectionState): void;
  /** Milliseconds from the page to the keeper and back. */
  lagMeasured(lag: number): void;
  progressed(progress: Progress): void;
  noticed(notice: Notice): void;
  dropped(gap: Gap): void;
  /** Input was not taken: somebody else types, or too much is queued. */
  inputRefused(why: 'watching' | 'full' | 'stopped'): void;
}

/** A connection that lasted this long starts counting its tries from zero. */
const SETTLED = 1_000;
/** A socket that is not open by then never will be. */
const OPEN_WITHIN = 15_000;
const INTERRUPT = 0x03;

/** One page's hold on one session: attaches, and attaches again at the exact byte until there is a reason to stop. */
export class SessionConnection {
  private current: ConnectionState = { kind: 'attaching', again: false };
  private socket: Socket | undefined;
  /** Counts sockets; an event of an older one means nothing. */
  private generation = 0;
  private attempt = 0;
  private openedAt = 0;
  private attachedAt = 0;
  private viewer: string;
  private write = true;
  private exit: Exit | undefined;
  private goodbye: string | undefined;
  private cancelTimer: () => void = () => undefined;
  private announced = '';
  private readonly input = new InputQueue();
  private readonly output: OutputReceiver;
  private readonly heartbeat: Heartbeat;

  constructor(private readonly props: SessionConnectionProps) {
    this.viewer = props.viewer;
    this.output = new OutputReceiver({
      screen: props.screen,
      clock: props.clock,
      acknowledge: (output) => this.send({ type: 'ack', output }),
      requestReplay: () => this.send({ type: 'replay' }),
      dropped: (gap) => props.listener.dropped(gap),
    });
    this.heartbeat = new Heartbeat({
      clock: props.clock,
      ping: (id) => this.send({ type: 'ping', from: 'viewer', id }),
      measured: (lag) => {
        // Before the keeper's hello it is the bridge that answers, and the link alone that is looked at.
        if (this.current.kind === 'attached') props.listener.lagMeasured(lag);
      },
      dead: () => this.lost(1006),
    });
  }

  get state(): ConnectionState {
    return this.current;
  }

  /** Attaches for the first time. */
  start(): void {
    this.attach(false);
  }

  /** Leaves for good; the session goes on. */
  leave(): void {
    this.stop('left', 'You left this session.');
  }

  /** Bytes from the keyboard, the mouse or the clipboard. */
  type(bytes: Uint8Array): void {
    if (this.current.kind === 'stopped') return this.props.listener.inputRefused('stopped');
    if (!this.mayType()) return this.props.listener.inputRefused('watching');
    if (bytes.length === 1 && bytes[0] === INTERRUPT && this.interrupt()) return;
    if (!this.input.push(bytes)) return this.props.listener.inputRefused('full');
    this.pump();
  }

  /** I want to type now. */
  take(): void {
    this.write = true;
    this.send({ type: 'take' });
  }

  /** Moves the idle limit. */
  extend(): void {
    this.send({ type: 'extend' });
  }

  /** The place on the page has another size: the writer's is the terminal's. */
  sizeChanged(): void {
    if (this.current.kind !== 'attached' || this.current.role !== 'writer') return;
    const { columns, rows } = this.props.screen.wanted;
    const size = `${columns}x${rows}`;
    if (size === this.announced) return;
    this.announced = size;
    this.send({ type: 'resize', columns, rows });
  }

  setHidden(hidden: boolean): void {
    this.output.setHidden(hidden);
    if (!hidden) this.check();
  }

  /** Look now rather than later: the page is visible again, the network is back, or somebody pressed "Try now". */
  check(): void {
    if (this.current.kind === 'waiting') this.probe();
    else this.heartbeat.check();
  }

  private mayType(): boolean {
    return this.current.kind === 'attached' ? this.current.role === 'writer' : this.write;
  }

  private interrupt(): boolean {
    if (this.current.kind !== 'attached') {
      this.input.discardUnsent();
      return false;
    }
    const input = this.input.interrupt();
    if (input === undefined) return false;
    this.send({ type: 'interrupt', input });
    return true;
  }

  private attach(again: boolean): void {
    this.cancelTimer();
    const generation = ++this.generation;
    const live = (action: () => void): void => {
      if (generation === this.generation) action();
    };
    this.goodbye = undefined;
    this.change({ kind: 'attaching', again });
    this.cancelTimer = this.props.clock.after(OPEN_WITHIN, () => this.lost(1006));
    this.openedAt = this.props.clock.now();
    this.socket = this.props.open({
      opened: () => live(() => this.greet()),
      text: (message) => live(() => this.read(message)),
      binary: (message) => live(() => this.receive(message)),
      closed: (code) => live(() => this.lost(code)),
    });
  }

  private greet(): void {
    this.cancelTimer();
    const { columns, rows } = this.props.screen.wanted;
    this.announced = `${columns}x${rows}`;
    this.send({
      type: 'hello',
      version: PROTOCOL_VERSION,
      viewer: this.viewer,
      opened: this.openedAt,
      output: this.output.resume(),
      input: this.input.unacknowledged,
      columns,
      rows,
      write: this.write,
    });
    this.heartbeat.start();
  }

  private receive(message: Uint8Array): void {
    this.heartbeat.heard();
    const frame = decodeDataFrame(message);
    if (frame?.op === OPS.output) this.output.output(frame);
    else if (frame?.op === OPS.state) this.output.state(frame);
    else this.stop('malformed', 'The server sent something that this page does not understand. Reload the page.');
  }

  private read(json: string): void {
    this.heartbeat.heard();
    const { message, problem } = parseServerMessage(json);
    if (problem !== undefined)
      return this.stop('malformed', `The server sent a bad message (${problem}). Reload the page.`);
    if (message !== undefined) this.obey(message);
  }

  private obey(message: ServerMessage): void {
    const { listener } = this.props;
    switch (message.type) {
      case 'hello':
        return this.attached(message);
      case 'ack':
        this.input.acknowledge(message.input);
        return this.pump();
      case 'role':
        return this.roleChanged(message);
      case 'resize':
        return this.output.resize(message);
      case 'replay':
        return this.output.replay(message);
      case 'gap':
        return this.output.gap(message);
      case 'exit':
        this.exit = message;
        return;
      case 'goaway':
        this.goodbye = message.message;
        return;
      case 'notice':
        return listener.noticed(message);
      case 'progress':
        return listener.progressed(message);
      case 'pong':
        return this.heartbeat.answered(message);
    }
  }

  private attached({ role, viewers, input, columns, rows }: KeeperHello): void {
    this.attachedAt = this.props.clock.now();
    this.output.resize({ columns, rows });
    this.change({ kind: 'attached', role, viewers });
    this.become(role, input);
    this.heartbeat.start();
  }

  private roleChanged({ role, viewers, input }: RoleChange): void {
    if (this.current.kind !== 'attached') return;
    const before = this.current.role;
    this.change({ kind: 'attached', role, viewers });
    if (role !== before) this.become(role, input);
  }

  /** As writer it types what it kept; as watcher what was not typed is gone, and it will not ask to write again by itself. */
  private become(role: 'writer' | 'watcher', input: number): void {
    const interrupt = this.input.restart(input);
    this.write = role === 'writer';
    if (role === 'watcher') return this.input.discardAll();
    if (interrupt !== undefined) this.send({ type: 'interrupt', input: interrupt });
    this.announced = '';
    this.sizeChanged();
    this.pump();
  }

  private pump(): void {
    if (this.current.kind !== 'attached' || this.current.role !== 'writer') return;
    for (let chunk = this.input.take(); chunk !== undefined; chunk = this.input.take()) {
      this.socket?.send(encodeDataFrame(OPS.input, chunk.offset, chunk.bytes));
    }
  }

  private lost(code: number): void {
    if (this.current.kind === 'stopped') return;
    this.hangUp();
    if (code === CLOSE_CODES.superseded.code) return this.becomeAnother();
    const then = retryAfter(code);
    if (then === 'login') return this.stop('login', 'You are no longer logged in.');
    if (then === 'never') return this.stop(stopReason(code), this.goodbye ?? sentence(code));
    const settled = this.attachedAt > 0 && this.props.clock.now() - this.attachedAt >= SETTLED;
    if (settled) this.attempt = 0;
    this.attachedAt = 0;
    if (then === 'later') this.attempt = Math.max(this.attempt, 1);
    // What stood until now most likely stands again: only what fails then is worth a question.
    else if (settled) return this.attach(true);
    this.wait();
  }

  /** A duplicated tab carries its twin's id: it goes on under another one and leaves the keyboard to the twin. */
  private becomeAnother(): void {
    this.viewer = this.props.renewViewer();
    this.input.reset();
    this.write = false;
    this.attach(true);
  }

  private wait(): void {
    const delay = reconnectDelay(this.attempt, this.props.clock.random());
    const attempt = this.attempt++;
    this.change({ kind: 'waiting', until: this.props.clock.now() + delay, attempt });
    this.cancelTimer = this.props.clock.after(delay, () => this.probe());
  }

  private probe(): void {
    this.cancelTimer();
    const generation = ++this.generation;
    this.change({ kind: 'checking' });
    void this.props.probe().then((probe) => {
      if (generation !== this.generation) return;
      if (probe.kind === 'attach') this.attach(true);
      else if (probe.kind === 'unreachable') this.wait();
      else {
        this.exit = probe.exit ?? this.exit;
        this.stop(probe.reason, probe.message);
      }
    });
  }

  private stop(reason: StopReason, message: string): void {
    if (this.current.kind === 'stopped') return;
    this.hangUp();
    const stopped: Stopped = { kind: 'stopped', reason, message: this.exit?.message ?? message, exit: this.exit };
    this.change(stopped);
  }

  private hangUp(): void {
    this.generation++;
    this.cancelTimer();
    this.heartbeat.stop();
    this.socket?.close();
    this.socket = undefined;
  }

  private send(message: ViewerMessage): void {
    // Between two sockets nothing is lost by saying nothing: the next hello says where everything stands.
    const early = message.type === 'hello' || message.type === 'ping';
    if (this.current.kind === 'attached' || early) this.socket?.send(JSON.stringify(message));
  }

  private change(state: ConnectionState): void {
    this.current = state;
    this.props.listener.stateChanged(state);
  }
}

function stopReason(code: number): StopReason {
  if (code === CLOSE_CODES.ended.code) return 'ended';
  if (code === CLOSE_CODES.noSession.code) return 'gone';
  if (code === CLOSE_CODES.forbidden.code) return 'forbidden';
  return code === CLOSE_CODES.version.code ? 'version' : 'malformed';
}

function sentence(code: number): string {
  const meaning = Object.values(CLOSE_CODES).find((row) => row.code === code)?.meaning ?? `closed with ${code}`;
  return `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.`;
}
