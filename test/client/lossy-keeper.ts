import type { ViewerMessage } from '../../service/protocol/control-message.js';
import type { DataFrame } from '../../service/protocol/data-frame.js';
import { LIMITS } from '../../service/protocol/limits.js';
import type { OpenSocket } from '../../service/client/connection/socket.js';
import { FakeSocket } from './fake-socket.js';

/**
 * A keeper in a few lines, behind a network that delivers when it is told to and may be cut at any message: what was on
 * the way is lost, in both directions. It insists on the protocol and throws when the page breaks it.
 */
export class LossyKeeper {
  /** Everything the shell printed. */
  output = Buffer.alloc(0);
  /** Everything that was typed, as the shell got it. */
  typed = Buffer.alloc(0);
  sockets = 0;
  private socket: FakeSocket | undefined;
  private attached = false;
  private sent = 0;
  private acknowledged = 0;
  private toKeeper: (ViewerMessage | DataFrame)[] = [];
  private toPage: (() => void)[] = [];

  readonly open: OpenSocket = (events) => {
    this.sockets++;
    this.toKeeper = [];
    this.toPage = [];
    this.attached = false;
    const socket = new FakeSocket(events, (message) => this.toKeeper.push(message));
    this.socket = socket;
    this.toPage.push(() => socket.open());
    return socket;
  };

  print(bytes: Uint8Array): void {
    this.output = Buffer.concat([this.output, bytes]);
    this.feed();
  }

  /** Delivers at most `count` messages each way. */
  deliver(count: number): void {
    for (let index = 0; index < count; index++) {
      this.toPage.shift()?.();
      const message = this.toKeeper.shift();
      if (message !== undefined) this.hear(message);
    }
  }

  get idle(): boolean {
    return this.toPage.length === 0 && this.toKeeper.length === 0;
  }

  /** Cuts the line. */
  cut(): void {
    this.attached = false;
    this.toKeeper = [];
    this.toPage = [];
    const { socket } = this;
    this.socket = undefined;
    socket?.drop(1006);
  }

  private hear(message: ViewerMessage | DataFrame): void {
    const { socket } = this;
    if (socket === undefined) return;
    if ('op' in message) return this.typeInto(socket, message);
    if (message.type === 'ack') {
      if (message.output > this.sent) throw new Error('acknowledged what was never sent');
      this.acknowledged = Math.max(this.acknowledged, message.output);
      return this.feed();
    }
    if (message.type !== 'hello') return;
    this.attached = true;
    const { columns, rows } = message;
    const hello = { version: 1, role: 'writer', viewers: 1, columns, rows, input: this.typed.length } as const;
    this.toPage.push(() => socket.tell({ type: 'hello', ...hello }));
    this.sent = message.output ?? 0;
    this.acknowledged = this.sent;
    if (message.output === null) this.toPage.push(() => socket.tell({ type: 'replay', output: 0, columns, rows }));
    this.feed();
  }

  private typeInto(socket: FakeSocket, { offset, bytes }: DataFrame): void {
    if (offset > this.typed.length) throw new Error(`input ${offset} came before ${this.typed.length}`);
    this.typed = Buffer.concat([this.typed, bytes.subarray(this.typed.length - offset)]);
    const input = this.typed.length;
    this.toPage.push(() => socket.tell({ type: 'ack', input }));
  }

  private feed(): void {
    const { socket } = this;
    if (socket === undefined || !this.attached) return;
    while (this.sent < this.output.length && this.sent - this.acknowledged < LIMITS.outputWindow) {
      const from = this.sent;
      const credit = LIMITS.outputWindow - (from - this.acknowledged);
      const bytes = this.output.subarray(from, from + Math.min(LIMITS.dataFrame, credit));
      this.sent += bytes.length;
      this.toPage.push(() => socket.output(from, bytes));
    }
  }
}
