import { agreeOnVersion, OLDEST_VERSION, PROTOCOL_VERSION } from '../protocol/version.js';
import { CLOSE_CODES } from '../protocol/close-code.js';
import { decodeDataFrame, OPS } from '../protocol/data-frame.js';
import { LIMITS } from '../protocol/limits.js';
import { parseViewerMessage } from '../protocol/control-message.js';
import type { CloseCode } from '../protocol/close-code.js';
import type { KeeperMessage, ViewerHello, ViewerMessage } from '../protocol/control-message.js';
import type { InputStream } from './input-stream.js';
import { OutputFeed } from './output-feed.js';
import type { Sender, Source } from './output-feed.js';
import type { Member } from './roles.js';

/** The connection below an attachment, whatever it is made of. */
export interface Wire extends Sender {
  /** Closes it once everything sent has left. */
  close(): void;
}

/** What an attachment asks of the keeper. */
export interface AttachmentHost {
  readonly source: Source;
  now(): number;
  /** A viewer has said who it is; answers where its input stands. */
  join(attachment: Attachment, hello: ViewerHello): void;
  acked(attachment: Attachment): void;
  input(attachment: Attachment, offset: number, bytes: Uint8Array): void;
  request(attachment: Attachment, message: Exclude<ViewerMessage, { type: 'hello' | 'ack' | 'ping' }>): void;
  leave(attachment: Attachment): void;
}

/** One viewer's connection: reads its messages, sends it output at its own pace. */
export class Attachment implements Member {
  readonly feed: OutputFeed;
  private readonly host: AttachmentHost;
  private readonly wire: Wire;
  private hello: ViewerHello | undefined;
  private stream: InputStream | undefined;
  private heardAt: number;
  private open = true;

  constructor(host: AttachmentHost, wire: Wire) {
    this.host = host;
    this.wire = wire;
    this.heardAt = host.now();
    this.feed = new OutputFeed(host.source, wire, () => host.now());
  }

  get viewer(): string {
    return this.hello?.viewer ?? '';
  }

  /** When its viewer opened it; Infinity for one that does not say. */
  get opened(): number {
    return this.hello?.opened ?? Infinity;
  }

  get wantsToWrite(): boolean {
    return this.hello?.write ?? false;
  }

  get acked(): number {
    return this.feed.acked;
  }

  get isOpen(): boolean {
    return this.open;
  }

  /** The viewer's own size, wanted or not. */
  get size(): { readonly columns: number; readonly rows: number } | undefined {
    return this.hello;
  }

  /** Where its input stands. @throws before its hello */
  get input(): InputStream {
    if (this.stream === undefined) throw new Error('no hello yet');
    return this.stream;
  }

  /** Says who is there; from here on it is fed. */
  welcome(stream: InputStream, hello: KeeperMessage, start: () => void): void {
    this.stream = stream;
    this.wire.control(hello);
    start();
    this.pump();
  }

  send(message: KeeperMessage): void {
    if (this.open) this.wire.control(message);
  }

  pump(): void {
    if (this.open && this.stream !== undefined) this.feed.pump();
  }

  /** Says why and closes. */
  goAway({ code, meaning }: CloseCode, message = meaning): void {
    this.send({ type: 'goaway', code, message });
    this.close();
  }

  /** Closes once what was sent has left. */
  close(): void {
    if (!this.open) return;
    this.lost();
    this.wire.close();
  }

  /** The connection is gone. */
  lost(): void {
    if (!this.open) return;
    this.open = false;
    if (this.stream !== undefined) this.host.leave(this);
  }

  /** Closes it when it has been silent or stuck for too long. */
  tick(): void {
    if (this.host.now() - this.heardAt >= LIMITS.silence) this.close();
    else if (this.stream !== undefined && this.feed.isStalled()) this.goAway(CLOSE_CODES.tooSlow);
  }

  receiveControl(json: string): void {
    if (!this.open) return;
    this.heardAt = this.host.now();
    const { message, problem } = parseViewerMessage(json);
    if (problem !== undefined) this.refuse(problem);
    else if (message !== undefined) this.handle(message);
  }

  receiveData(frame: Uint8Array): void {
    if (!this.open) return;
    this.heardAt = this.host.now();
    const data = decodeDataFrame(frame);
    if (data?.op !== OPS.input) this.refuse('not an input frame');
    else if (this.stream === undefined) this.refuse('input before hello');
    else this.host.input(this, data.offset, data.bytes);
  }

  /** The peer broke the protocol; only this attachment suffers. */
  refuse(problem: string): void {
    this.goAway(CLOSE_CODES.malformed, problem);
  }

  private handle(message: ViewerMessage): void {
    if (message.type === 'ping') this.send({ type: 'pong', from: message.from, id: message.id });
    else if (message.type === 'hello') this.greet(message);
    else if (this.stream === undefined) this.refuse(`${message.type} before hello`);
    else if (message.type === 'ack') {
      if (this.feed.ack(message.output)) this.host.acked(this);
      else this.refuse(`ack: output ${message.output} was never sent`);
    } else {
      if (message.type === 'resize' && this.hello !== undefined) this.hello = { ...this.hello, ...sizeOf(message) };
      this.host.request(this, message);
    }
  }

  private greet(hello: ViewerHello): void {
    if (this.hello !== undefined) {
      this.refuse('a second hello');
      return;
    }
    const version = agreeOnVersion(hello.version);
    if (version === undefined) {
      const spoken = `this sandbox speaks versions ${OLDEST_VERSION} to ${PROTOCOL_VERSION}`;
      this.goAway(CLOSE_CODES.version, `version ${hello.version}: ${spoken}`);
      return;
    }
    this.hello = { ...hello, version };
    this.host.join(this, this.hello);
  }
}

function sizeOf({ columns, rows }: { readonly columns: number; readonly rows: number }): {
  readonly columns: number;
  readonly rows: number;
} {
  return { columns, rows };
}
