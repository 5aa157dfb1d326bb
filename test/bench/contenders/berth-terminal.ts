import { once } from 'node:events';
import WebSocket, { type RawData } from 'ws';
import {
  parseServerMessage,
  type KeeperHello,
  type Replay,
  type ViewerMessage,
} from '../../../service/protocol/control-message.js';
import { decodeDataFrame, encodeDataFrame, OPS } from '../../../service/protocol/data-frame.js';
import { PROTOCOL_VERSION } from '../../../service/protocol/version.js';
import type { ApiClient } from '../../stories/api-client.js';
import type { Output, Terminal } from '../terminal.js';

export interface BerthTerminalProps {
  readonly api: ApiClient;
  readonly session: string;
  readonly viewer: string;
  readonly output: Output;
  /** The first output byte it lacks; `null` for a replay. */
  readonly from: number | null;
  /** The number of the next input byte. */
  readonly input: number;
  /** @default true */
  readonly write?: boolean;
  /** What a replay tells to write before the output. @default taken for output */
  readonly onState?: Output;
  /** @default nothing */
  readonly onReplay?: (replay: Replay) => void;
  readonly close: () => Promise<void>;
}

/** The page acknowledges when so much has been drawn, … */
const ACK_EVERY = 32 * 1024;
/** … or so much later, in milliseconds. */
const ACK_WITHIN = 40;

/** One viewer of a session that acknowledges as the page does. */
export class BerthTerminal implements Terminal {
  /** When the hello was sent, `performance.now()`. */
  greetedAt = 0;
  private readonly socket: WebSocket;
  private readonly hello: Promise<KeeperHello>;
  private next: number;
  private drawn: number;
  private acked: number;
  private typed: number;
  private acking: NodeJS.Timeout | undefined;

  constructor(readonly props: BerthTerminalProps) {
    this.next = this.drawn = this.acked = props.from ?? 0;
    this.typed = props.input;
    const base = props.api.url.replace(/^http/, 'ws');
    this.socket = new WebSocket(`${base}/terminal?session=${props.session}`, {
      headers: { cookie: props.api.cookie },
      perMessageDeflate: false,
    });
    this.socket.on('open', () => this.greet());
    this.hello = new Promise((resolve, reject) => {
      this.socket.on('message', (data, isBinary) => {
        if (isBinary) this.receive(asBuffer(data));
        else this.read(asBuffer(data).toString('utf8'), resolve);
      });
      this.socket.on('error', reject);
      this.socket.on('close', (code) => reject(new Error(`Berth closed the socket with ${code}`)));
    });
    this.hello.catch(() => undefined);
  }

  /** Settles with the keeper's answer. */
  ready(): Promise<KeeperHello> {
    return this.hello;
  }

  /** Where it stands, for a terminal that comes back in its place. */
  get place(): { readonly from: number; readonly input: number } {
    return { from: this.next, input: this.typed };
  }

  type(input: string): void {
    const bytes = Buffer.from(input);
    this.socket.send(encodeDataFrame(OPS.input, this.typed, bytes));
    this.typed += bytes.length;
  }

  acknowledge(bytes: number): void {
    this.drawn = Math.min(this.drawn + bytes, this.next);
    if (this.drawn - this.acked >= ACK_EVERY) this.ack();
    else this.acking ??= setTimeout(() => this.ack(), ACK_WITHIN);
  }

  private ack(): void {
    clearTimeout(this.acking);
    this.acking = undefined;
    if (this.drawn <= this.acked) return;
    this.acked = this.drawn;
    this.say({ type: 'ack', output: this.drawn });
  }

  stall(stalled: boolean): void {
    if (stalled) this.socket.pause();
    else this.socket.resume();
  }

  /** The network goes away without a word. */
  drop(): void {
    this.socket.terminate();
  }

  async close(): Promise<void> {
    this.socket.resume();
    if (this.socket.readyState !== WebSocket.CLOSED) {
      const closed = once(this.socket, 'close');
      this.socket.close();
      await closed;
    }
    await this.props.close();
  }

  private greet(): void {
    const { viewer, from, input, write = true } = this.props;
    this.greetedAt = performance.now();
    this.say({
      type: 'hello',
      version: PROTOCOL_VERSION,
      viewer,
      output: from,
      input,
      columns: 80,
      rows: 24,
      write,
    });
  }

  private say(message: ViewerMessage): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private read(json: string, greeted: (hello: KeeperHello) => void): void {
    const { message } = parseServerMessage(json);
    if (message?.type === 'hello') greeted(message);
    if (message?.type === 'gap') this.next = Math.max(this.next, message.to);
    if (message?.type === 'replay') {
      this.next = this.drawn = this.acked = message.output;
      this.props.onReplay?.(message);
    }
  }

  private receive(message: Buffer): void {
    const frame = decodeDataFrame(message);
    if (frame?.op === OPS.state) this.props.onState?.(frame.bytes);
    if (frame?.op !== OPS.output) return;
    if (frame.offset !== this.next) throw new Error(`output ${frame.offset} arrived, ${this.next} was next`);
    this.next += frame.bytes.length;
    this.props.output(frame.bytes);
  }
}

function asBuffer(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
