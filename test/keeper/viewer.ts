import { OPS, decodeDataFrame, encodeDataFrame } from '../../service/protocol/data-frame.js';
import { LIMITS } from '../../service/protocol/limits.js';
import { parseServerMessage } from '../../service/protocol/control-message.js';
import type { ServerMessage, ViewerHello, ViewerMessage } from '../../service/protocol/control-message.js';

/** How a viewer's messages reach a keeper, whatever the test puts between them. */
export interface Line {
  control(json: string): void;
  data(frame: Uint8Array): void;
}

export interface ViewerProps {
  /** @default 'viewer-one' */
  readonly viewer?: string;
  /** @default true */
  readonly write?: boolean;
  /** @default 80 */
  readonly columns?: number;
  /** @default 24 */
  readonly rows?: number;
  /** Acknowledge what arrives at once. @default true */
  readonly acks?: boolean;
}

/** A small viewer as the page is one: keeps its place in both streams over any number of connections. */
export class Viewer {
  readonly viewer: string;
  readonly messages: ServerMessage[] = [];
  /** Everything that was received as output, in order; a replay leaves a hole. */
  readonly chunks: Buffer[] = [];
  /** What the last replay drew. */
  state: Buffer[] = [];
  output: number | null = null;
  write: boolean;
  acks: boolean;
  columns: number;
  rows: number;
  private readonly input: Buffer[] = [];
  private inputLength = 0;
  private acked = 0;
  private sent = 0;
  private line: Line | undefined;
  private waiting: { readonly check: () => boolean; readonly resolve: () => void }[] = [];

  constructor({ viewer = 'viewer-one', write = true, columns = 80, rows = 24, acks = true }: ViewerProps = {}) {
    this.viewer = viewer;
    this.write = write;
    this.columns = columns;
    this.rows = rows;
    this.acks = acks;
  }

  get isConnected(): boolean {
    return this.line !== undefined;
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }

  of<Type extends ServerMessage['type']>(type: Type): Extract<ServerMessage, { type: Type }>[] {
    return this.messages.filter((message): message is Extract<ServerMessage, { type: Type }> => message.type === type);
  }

  last<Type extends ServerMessage['type']>(type: Type): Extract<ServerMessage, { type: Type }> | undefined {
    return this.of(type).at(-1);
  }

  /** Says hello over a new connection. */
  connected(line: Line, hello: Partial<ViewerHello> = {}): void {
    this.line = line;
    this.sent = this.acked;
    this.send({
      type: 'hello',
      version: 1,
      viewer: this.viewer,
      output: this.output,
      input: this.acked,
      columns: this.columns,
      rows: this.rows,
      write: this.write,
      ...hello,
    });
  }

  /** `line` is gone; nothing happens when another one has taken its place. */
  disconnected(line = this.line): void {
    if (line === this.line) this.line = undefined;
    this.notify();
  }

  send(message: ViewerMessage): void {
    this.line?.control(JSON.stringify(message));
  }

  /** Types; what the keeper has not acknowledged is sent again after a reconnect. */
  type(bytes: string | Buffer): void {
    const added = Buffer.from(bytes);
    this.input.push(added);
    this.inputLength += added.length;
    this.pump();
  }

  /** All that was typed has reached the terminal. */
  get isTyped(): boolean {
    return this.acked === this.inputLength;
  }

  ack(): void {
    if (this.output !== null) this.send({ type: 'ack', output: this.output });
  }

  control(json: string): void {
    const { message, problem } = parseServerMessage(json);
    if (message === undefined) throw new Error(problem ?? `unknown message ${json}`);
    this.messages.push(message);
    if (message.type === 'hello') {
      this.acked = Math.max(this.acked, message.input);
      this.sent = this.acked;
      this.inputLength = Math.max(this.inputLength, this.acked);
      this.pump();
    } else if (message.type === 'role') {
      this.acked = Math.max(this.acked, message.input);
      this.sent = Math.max(this.acked, message.role === 'writer' ? this.acked : this.sent);
      this.pump();
    } else if (message.type === 'ack') {
      this.acked = Math.max(this.acked, message.input);
      this.pump();
    } else if (message.type === 'replay') {
      this.state = [];
      this.output = message.output;
      this.chunks.length = 0;
    }
    this.notify();
  }

  data(frame: Uint8Array): void {
    const data = decodeDataFrame(frame);
    if (data === undefined) throw new Error('not a data frame');
    if (data.op === OPS.state) this.state.push(Buffer.from(data.bytes));
    else {
      this.output ??= 0;
      if (data.offset !== this.output) throw new Error(`output at ${data.offset}: want ${this.output}`);
      this.output += data.bytes.length;
      this.chunks.push(Buffer.from(data.bytes));
      if (this.acks) this.ack();
    }
    this.notify();
  }

  /** Resolves when `check` holds; it is asked after everything that arrives. */
  until(check: () => boolean): Promise<void> {
    if (check()) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ check, resolve }));
  }

  private notify(): void {
    const done = this.waiting.filter(({ check }) => check());
    this.waiting = this.waiting.filter((wait) => !done.includes(wait));
    for (const { resolve } of done) resolve();
  }

  private pump(): void {
    if (this.last('hello') === undefined || this.line === undefined) return;
    const all = this.input.length > 1 ? Buffer.concat(this.input) : (this.input[0] ?? Buffer.alloc(0));
    if (this.input.length > 1) this.input.splice(0, this.input.length, all);
    const base = this.inputLength - all.length;
    while (this.sent < this.inputLength && this.sent < this.acked + LIMITS.inputWindow) {
      const to = Math.min(this.inputLength, this.sent + LIMITS.dataFrame, this.acked + LIMITS.inputWindow);
      this.line.data(encodeDataFrame(OPS.input, this.sent, all.subarray(this.sent - base, to - base)));
      this.sent = to;
    }
  }
}
