import { chmodSync, mkdirSync, unlinkSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { dirname } from 'node:path';
import { PIPE_KINDS, PipeDecoder, encodePipeMessage } from '../protocol/pipe.js';
import type { KeeperMessage } from '../protocol/control-message.js';
import type { Attachment, Wire } from './attachment.js';

/** More than this waiting in one socket: no more output for it until it has drained. */
const HIGH_WATER = 128 * 1024;
/** A peer that does not take its last bytes is cut off after this long, in milliseconds. */
const CLOSING = 2000;

/** Listens on a unix socket that only its owner may use; each connection becomes an attachment. */
export class KeeperServer {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor(private readonly attach: (wire: Wire) => Attachment) {
    this.server = createServer({ highWaterMark: HIGH_WATER }, (socket) => this.connected(socket));
  }

  /** @throws when another keeper listens there, or the place is not writable. A socket that nobody listens on is replaced. */
  async listen(path: string): Promise<void> {
    mkdirSync(dirname(path), { recursive: true });
    if (await isServed(path)) throw new Error(`${path}: another keeper listens here`);
    removeIfThere(path);
    const mask = process.umask(0o177);
    try {
      await new Promise<void>((resolve, reject) => {
        this.server.once('error', reject);
        this.server.listen(path, resolve);
      });
    } finally {
      process.umask(mask);
    }
    chmodSync(path, 0o600);
  }

  /** No new connections; resolves when the present ones have taken what they were sent, or after two seconds. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    const deadline = setTimeout(() => {
      for (const socket of this.sockets) socket.destroy();
    }, CLOSING);
    await closed;
    clearTimeout(deadline);
  }

  private connected(socket: Socket): void {
    this.sockets.add(socket);
    const wire = new SocketWire(socket);
    const attachment = this.attach(wire);
    const decoder = new PipeDecoder();
    socket.on('drain', () => attachment.pump());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.sockets.delete(socket);
      attachment.lost();
    });
    socket.on('data', (chunk) => {
      if (!attachment.isOpen) return;
      try {
        for (const { kind, message } of decoder.push(chunk))
          if (kind === PIPE_KINDS.binary) attachment.receiveData(message);
          else attachment.receiveControl(Buffer.from(message).toString());
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        attachment.refuse(error.message);
      }
    });
  }
}

class SocketWire implements Wire {
  constructor(private readonly socket: Socket) {}

  get isReady(): boolean {
    return this.socket.writable && !this.socket.writableNeedDrain;
  }

  control(message: KeeperMessage): void {
    this.write(encodePipeMessage(PIPE_KINDS.text, Buffer.from(JSON.stringify(message))));
  }

  data(frame: Uint8Array): void {
    this.write(encodePipeMessage(PIPE_KINDS.binary, frame));
  }

  close(): void {
    this.socket.end();
    this.socket.resume();
    setTimeout(() => this.socket.destroy(), CLOSING).unref();
  }

  /** What is said in one turn leaves in one piece: each piece is a message for everybody between here and the viewer. */
  private write(bytes: Uint8Array): void {
    if (!this.socket.writable) return;
    if (this.socket.writableCorked === 0) {
      this.socket.cork();
      process.nextTick(() => this.socket.uncork());
    }
    this.socket.write(bytes);
  }
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
