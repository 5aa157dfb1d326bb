import { writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { decodeDataFrame, encodeDataFrame, OPS } from '../../service/protocol/data-frame.js';
import { encodePipeMessage, PIPE_KINDS, PipeDecoder } from '../../service/protocol/pipe.js';

/*
 * What stands for the keeper in the bridge's own tests: it speaks the pipe and does on command what a keeper never
 * should, so that the bridge's side of every rule can be seen. Input is echoed; a line that begins with ! is an order.
 */

const path = process.env['KEEPER_SOCKET'] ?? '';
if (process.argv[2] === 'attach') attach();
else listen();

function attach(): void {
  const socket = connect(path);
  socket.once('error', () => process.exit(1));
  process.stdin.pipe(socket).pipe(process.stdout);
  socket.once('close', () => process.exit(0));
}

function listen(): void {
  const attachments: Attachment[] = [];
  process.once('SIGTERM', () => {
    for (const attachment of attachments) attachment.say({ type: 'exit', reason: 'ended', message: 'told to go' });
    setImmediate(() => end('ended', 0));
  });
  createServer((socket) => attachments.push(new Attachment(socket))).listen(path);
}

function end(reason: string, code: number): void {
  writeFileSync(
    process.env['KEEPER_TERMINATION_LOG'] ?? '',
    JSON.stringify({ reason, message: `told: ${reason}`, code }),
  );
  process.exit(code);
}

class Attachment {
  private readonly decoder = new PipeDecoder();
  private output = 0;
  private silent = false;
  private pings = 0;

  constructor(private readonly socket: Socket) {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      for (const { kind, message } of this.decoder.push(chunk)) {
        if (kind === PIPE_KINDS.text) this.hear(Buffer.from(message).toString('utf8'));
        else this.input(decodeDataFrame(message)?.bytes ?? new Uint8Array());
      }
    });
  }

  private hear(json: string): void {
    const message = JSON.parse(json) as { type: string; from?: string; columns?: number; rows?: number };
    if (message.type === 'hello') {
      const { columns = 80, rows = 24 } = message;
      this.say({ type: 'hello', version: 1, input: 0, role: 'writer', viewers: 1, columns, rows });
    } else if (message.type === 'ping') {
      if (message.from === 'bridge') this.pings += 1;
      if (!this.silent) this.say({ ...message, type: 'pong' });
    } else this.print(`[${message.type}]`);
  }

  private input(bytes: Uint8Array): void {
    const text = Buffer.from(bytes).toString('latin1');
    if (!text.startsWith('!')) {
      this.print(text);
      return;
    }
    const [order, value = ''] = text.slice(1).trim().split(' ');
    switch (order) {
      case 'pings':
        this.print(`pings ${this.pings};`);
        return;
      case 'flood':
        return this.flood(Number(value));
      case 'goaway':
        return this.say({ type: 'goaway', code: Number(value), message: 'told to' });
      case 'silence':
        this.silent = true;
        return;
      case 'garbage':
        this.socket.write(Buffer.alloc(64, 0xff));
        return;
      case 'hang-up':
        this.socket.end();
        return;
      case 'exit':
        this.say({ type: 'exit', reason: 'exited', message: 'told to', code: Number(value) });
        this.socket.end(() => end('exited', Number(value)));
        return;
      case 'crash':
        process.exit(Number(value));

      default:
        return;
    }
  }

  /** Sends so many bytes whatever the viewer has acknowledged. */
  private flood(bytes: number): void {
    let left = bytes;
    const more = (): void => {
      while (left > 0) {
        const size = Math.min(left, 32_000);
        left -= size;
        if (!this.print('x'.repeat(size))) {
          this.socket.once('drain', more);
          return;
        }
      }
    };
    more();
  }

  private print(text: string): boolean {
    const frame = encodeDataFrame(OPS.output, this.output, Buffer.from(text, 'latin1'));
    this.output += text.length;
    return this.socket.write(encodePipeMessage(PIPE_KINDS.binary, frame));
  }

  say(message: object): void {
    this.socket.write(encodePipeMessage(PIPE_KINDS.text, Buffer.from(JSON.stringify(message))));
  }
}
