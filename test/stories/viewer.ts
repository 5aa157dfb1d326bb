import WebSocket, { type RawData } from 'ws';
import { parseServerMessage, type ServerMessage, type ViewerMessage } from '../../service/protocol/control-message.js';
import { decodeDataFrame, encodeDataFrame, OPS } from '../../service/protocol/data-frame.js';
import { LIMITS } from '../../service/protocol/limits.js';
import { PROTOCOL_VERSION } from '../../service/protocol/version.js';
import type { ApiClient } from './api-client.js';
import { until } from './until.js';

/** How a story looks at a session. */
export interface ViewerProps {
  /** Whether it would like to type. @default true */
  readonly write?: boolean;
  /** Where to start: `null` for a replay, or an output offset. @default null */
  readonly output?: number | null;
  /** @default 80 */
  readonly columns?: number;
  /** @default 24 */
  readonly rows?: number;
  /** Comes back by itself, at the byte where it was, when the socket is lost. @default true */
  readonly reconnect?: boolean;
  /** Whether output is acknowledged; a stalled screen says nothing. @default true */
  readonly acknowledge?: boolean;
  /** @default the newest */
  readonly version?: number;
  /** Which bridge to ask at each attempt. @default the one of the API client */
  readonly url?: () => string;
}

type MessageOf<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>;

let made = 0;

/** A viewer without a screen: it keeps every byte, so that a story can say exactly what arrived. */
export class Viewer {
  readonly id = `story-${process.pid}-${(made += 1)}`;
  /** Every control message, in order. */
  readonly messages: ServerMessage[] = [];
  /** How often the socket was opened. */
  attempts = 0;
  /** The code of the last close. */
  closeCode: number | undefined;
  acknowledge: boolean;

  private socket: WebSocket | undefined;
  private chunks: Uint8Array[] = [];
  private stateChunks: Uint8Array[] = [];
  private next: number | null;
  private acked = 0;
  private queue = Buffer.alloc(0);
  private base = 0;
  private sent = 0;
  private attached = false;
  private finished = false;
  private seen = 0;

  constructor(
    private readonly api: ApiClient,
    readonly session: string,
    private readonly props: ViewerProps = {},
  ) {
    this.next = props.output ?? null;
    this.acknowledge = props.acknowledge ?? true;
    this.connect();
  }

  /** Opens a viewer and waits for the keeper's hello. */
  static async attach(api: ApiClient, session: string, props: ViewerProps = {}): Promise<Viewer> {
    const viewer = new Viewer(api, session, props);
    await viewer.got('hello');
    return viewer;
  }

  /** All output bytes so far, in order, each once. */
  get bytes(): Buffer {
    const joined = Buffer.concat(this.chunks);
    this.chunks = [joined];
    return joined;
  }

  /** What the last replay told to write before the output. */
  get state(): Buffer {
    return Buffer.concat(this.stateChunks);
  }

  /** Whether the keeper has said hello on the present socket. */
  get isAttached(): boolean {
    return this.attached;
  }

  get offset(): number {
    return this.next ?? 0;
  }

  get role(): 'writer' | 'watcher' | undefined {
    return this.messages.findLast((message) => message.type === 'hello' || message.type === 'role')?.role;
  }

  /** Waits for a message of this type, the latest if there are several. @throws Error when the socket is closed for good */
  async got<Type extends ServerMessage['type']>(type: Type): Promise<MessageOf<Type>> {
    const find = (): MessageOf<Type> | undefined =>
      this.messages.findLast((message): message is MessageOf<Type> => message.type === type);
    await until(`a ${type} message`, () => this.finished || find() !== undefined);
    const found = find();
    if (found === undefined)
      throw new Error(`no ${type} message, and the socket is closed (${String(this.closeCode)})`);
    return found;
  }

  /** Waits for text in the output (or the replayed state) that no earlier `sees` has passed. */
  async sees(pattern: RegExp): Promise<string> {
    return until(`${String(pattern)} on the screen`, () => {
      const text = Buffer.concat([this.state, this.bytes]).toString('utf8');
      const match = pattern.exec(text.slice(this.seen));
      if (match === null) return undefined;
      this.seen += match.index + match[0].length;
      return match[0];
    });
  }

  type(input: string | Uint8Array): void {
    this.queue = Buffer.concat([this.queue, Buffer.from(input as Uint8Array)]);
    this.flush();
  }

  /** Waits until the keeper has acknowledged everything typed. */
  async typed(): Promise<void> {
    await until('the input to be acknowledged', () => this.queue.length === 0);
  }

  /** Types a command and waits until its output matches. */
  async run(command: string, answer: RegExp): Promise<string> {
    this.type(`${command}\r`);
    return this.sees(answer);
  }

  say(message: ViewerMessage): void {
    this.socket?.send(JSON.stringify(message));
  }

  sendRaw(data: string | Uint8Array): void {
    this.socket?.send(data);
  }

  /** The network goes away without a word. */
  drop(): void {
    this.socket?.terminate();
  }

  /** Acknowledges what has arrived (after `acknowledge` was off). */
  catchUp(): void {
    this.acknowledge = true;
    this.say({ type: 'ack', output: this.offset });
  }

  /** Leaves for good. */
  async leave(): Promise<void> {
    this.finished = true;
    if (this.socket === undefined || this.socket.readyState === WebSocket.CLOSED) return;
    const { socket } = this;
    // Not once(): it would reject when a socket that is still connecting ends in an error.
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.close();
    await closed;
  }

  async closed(): Promise<number> {
    return until('the socket to be closed for good', () => (this.finished ? this.closeCode : undefined));
  }

  private connect(): void {
    const base = (this.props.url?.() ?? this.api.url).replace(/^http/, 'ws');
    this.attempts += 1;
    const opened = Date.now();
    this.attached = false;
    const socket = new WebSocket(`${base}/terminal?session=${this.session}`, { headers: { cookie: this.api.cookie } });
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('open', () => {
      this.say({
        type: 'hello',
        version: this.props.version ?? PROTOCOL_VERSION,
        viewer: this.id,
        opened,
        output: this.next,
        input: this.base,
        columns: this.props.columns ?? 80,
        rows: this.props.rows ?? 24,
        write: this.props.write ?? true,
      });
    });
    socket.on('message', (data, isBinary) => {
      if (socket !== this.socket) return;
      if (isBinary) this.onData(toBytes(data));
      else this.onMessage(toBytes(data).toString('utf8'));
    });
    socket.on('close', (code) => {
      if (socket !== this.socket) return;
      this.attached = false;
      this.closeCode = code;
      if (this.finished || this.props.reconnect === false || code >= 4400 || code === 1009) this.finished = true;
      else setTimeout(() => this.finished || this.connect(), 20);
    });
  }

  private onMessage(json: string): void {
    const { message } = parseServerMessage(json);
    if (message === undefined) return;
    this.messages.push(message);
    if (message.type === 'hello') {
      this.attached = true;
      this.accept(message.input);
      this.sent = this.base;
      this.flush();
    }
    if (message.type === 'ack') {
      this.accept(message.input);
      this.flush();
    }
    if (message.type === 'replay') {
      this.next = message.output;
      this.stateChunks = [];
    }
  }

  private onData(frame: Buffer): void {
    const data = decodeDataFrame(frame);
    if (data === undefined) throw new Error('a data frame that is none');
    if (data.op === OPS.state) this.stateChunks.push(data.bytes);
    if (data.op !== OPS.output) return;
    this.next ??= data.offset;
    if (data.offset > this.next) throw new Error(`output jumps from ${this.next} to ${data.offset}`);
    const fresh = data.bytes.subarray(this.next - data.offset);
    this.chunks.push(fresh);
    this.next += fresh.length;
    if (this.acknowledge && this.next > this.acked) {
      this.acked = this.next;
      this.say({ type: 'ack', output: this.next });
    }
  }

  private accept(input: number): void {
    if (input <= this.base) return;
    this.queue = this.queue.subarray(input - this.base);
    this.base = input;
    this.sent = Math.max(this.sent, input);
  }

  private flush(): void {
    if (!this.attached || this.role !== 'writer') return;
    const end = Math.min(this.base + this.queue.length, this.base + LIMITS.inputWindow);
    while (this.sent < end) {
      const bytes = this.queue.subarray(
        this.sent - this.base,
        Math.min(end - this.base, this.sent - this.base + LIMITS.dataFrame),
      );
      this.socket?.send(encodeDataFrame(OPS.input, this.sent, bytes));
      this.sent += bytes.length;
    }
  }
}

function toBytes(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
