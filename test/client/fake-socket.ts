import { parseViewerMessage, type ServerMessage, type ViewerMessage } from '../../service/protocol/control-message.js';
import { decodeDataFrame, encodeDataFrame, OPS, type DataFrame } from '../../service/protocol/data-frame.js';
import { LIMITS } from '../../service/protocol/limits.js';
import type { OpenSocket, Socket, SocketEvents } from '../../service/client/connection/socket.js';

/** The far end of one socket that the page opened. */
export class FakeSocket implements Socket {
  readonly messages: ViewerMessage[] = [];
  readonly frames: DataFrame[] = [];
  closed = false;

  constructor(
    private readonly events: SocketEvents,
    private readonly received: (message: ViewerMessage | DataFrame) => void = () => undefined,
  ) {}

  send(message: string | Uint8Array): void {
    if (this.closed) throw new Error('sent on a closed socket');
    if (typeof message === 'string') {
      const parsed = parseViewerMessage(message);
      if (parsed.message === undefined) throw new Error(`the page sent ${message}: ${parsed.problem ?? 'unknown'}`);
      this.messages.push(parsed.message);
      this.received(parsed.message);
      return;
    }
    const frame = decodeDataFrame(message);
    if (frame?.op !== OPS.input || frame.bytes.length > LIMITS.dataFrame) throw new Error('the page sent a bad frame');
    this.frames.push(frame);
    this.received(frame);
  }

  close(): void {
    this.closed = true;
  }

  open(): void {
    this.events.opened();
  }

  tell(message: ServerMessage): void {
    this.events.text(JSON.stringify(message));
  }

  output(offset: number, bytes: Uint8Array | string): void {
    this.events.binary(encodeDataFrame(OPS.output, offset, typeof bytes === 'string' ? Buffer.from(bytes) : bytes));
  }

  state(bytes: string): void {
    this.events.binary(encodeDataFrame(OPS.state, 0, Buffer.from(bytes)));
  }

  drop(code = 1006): void {
    this.closed = true;
    this.events.closed(code);
  }

  of<Type extends ViewerMessage['type']>(type: Type): Extract<ViewerMessage, { type: Type }>[] {
    return this.messages.filter((message): message is Extract<ViewerMessage, { type: Type }> => message.type === type);
  }

  /** All input that came over this socket, in order. */
  get typed(): string {
    return Buffer.concat(this.frames.map(({ bytes }) => bytes)).toString('latin1');
  }
}

/** Hands out sockets and remembers them. */
export class FakeNetwork {
  readonly sockets: FakeSocket[] = [];

  readonly open: OpenSocket = (events) => {
    const socket = new FakeSocket(events);
    this.sockets.push(socket);
    return socket;
  };

  get last(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('no socket was opened');
    return socket;
  }
}
