import { CLOSE_CODES } from '../../protocol/close-code.js';
import type { EndReason } from '../../protocol/control-message.js';
import { PIPE_KINDS, PipeDecoder, type PipeKind, type PipeMessage } from '../../protocol/pipe.js';
import type { ExecStream, ExecStreamEnd, OpenExec } from './exec-stream.js';
import type { TerminalTimes } from './terminal-times.js';
import { Upstream } from './upstream.js';

export interface AttachmentProps {
  readonly podName: string;
  readonly openExec: OpenExec;
  readonly times: TerminalTimes;
  readonly now: () => number;
  /** A message of the keeper for the viewer. */
  readonly onMessage: (kind: PipeKind, message: Uint8Array) => void;
  /** The attachment has ended by itself: once, and not after `close`. */
  readonly onEnd: (end: AttachmentEnd) => void;
}

export interface AttachmentEnd {
  /** `broken`: the keeper fell silent or sent what cannot be read. */
  readonly kind: ExecStreamEnd['kind'] | 'broken';
  /** The command is said to have succeeded: an API server says so, too, when its way to the node breaks (seen on 1.34). */
  readonly succeeded: boolean;
  /** The close code that the keeper's last word asks for. @default none: it said nothing about an end */
  readonly announced: number | undefined;
  /** The keeper was told to go and does not know why; its `exit` has been kept back. */
  readonly unexplained: boolean;
}

/** What a keeper gives as its reason when it gets SIGTERM, whoever sent it. */
const ENDED: EndReason = 'ended';

/** One `keeper-attach` in a sandbox, from the bridge's end: messages both ways, and a heartbeat of its own. */
export class Attachment {
  private readonly decoder = new PipeDecoder();
  private readonly upstream = new Upstream((bytes) => this.exec?.write(bytes));
  private exec: ExecStream | undefined;
  private announced: number | undefined;
  private unexplained = false;
  private over = false;
  private spoken = false;
  private heardAt = 0;
  private pingedAt = 0;
  private pings = 0;

  constructor(private readonly props: AttachmentProps) {}

  /** Whether the keeper has said anything yet. */
  get heard(): boolean {
    return this.spoken;
  }

  get stream(): ExecStream | undefined {
    return this.exec;
  }

  /** Opens the exec. Fails with an `ApiFailure`. */
  async open(): Promise<void> {
    const { podName, openExec, now } = this.props;
    const exec = await openExec(podName, {
      onOutput: (chunk) => this.hear(chunk),
      onEnd: ({ kind, code }) => this.end(kind, code === 0),
    });
    this.heardAt = this.pingedAt = now();
    if (this.over) exec.close();
    else this.exec = exec;
  }

  send(kind: PipeKind, message: Uint8Array): void {
    this.upstream.push(kind, message);
  }

  /** Sends a ping when one is due, and ends the attachment when its keeper has been silent for too long. */
  tick(now: number): void {
    // A paused exec brings nothing, not even a pong; and the hello must be the first message.
    if (this.exec === undefined || this.exec.paused) return;
    if (now - this.heardAt > this.props.times.silence) return this.end('broken');
    if (!this.spoken || now - this.pingedAt < this.props.times.heartbeat) return;
    this.pingedAt = now;
    this.pings += 1;
    this.send(PIPE_KINDS.text, Buffer.from(JSON.stringify({ type: 'ping', from: 'bridge', id: this.pings })));
  }

  /** Takes up reading again; the silence while it was paused was not the keeper's. */
  resume(): void {
    this.heardAt = this.props.now();
    this.exec?.resume();
  }

  close(): void {
    this.over = true;
    this.exec?.close();
    this.exec = undefined;
  }

  private hear(chunk: Uint8Array): void {
    this.heardAt = this.props.now();
    let messages: PipeMessage[];
    try {
      messages = this.decoder.push(chunk);
    } catch {
      return this.end('broken');
    }
    for (const { kind, message } of messages) {
      if (this.over) return;
      this.spoken = true;
      if (kind === PIPE_KINDS.binary || !this.note(message)) this.props.onMessage(kind, message);
    }
    if (this.announced !== undefined) this.end('exited');
  }

  /** Notes what concerns the bridge; `true`: it is for the bridge alone. */
  private note(message: Uint8Array): boolean {
    const fields = readFields(message);
    if (fields.type === 'pong') return fields.from === 'bridge';
    if (fields.type === 'exit') {
      this.announced = CLOSE_CODES.ended.code;
      this.unexplained = fields.reason === ENDED;
    }
    if (fields.type === 'goaway') this.announced = knownCode(fields.code);
    return this.unexplained;
  }

  private end(kind: AttachmentEnd['kind'], succeeded = false): void {
    if (this.over) return;
    this.close();
    this.props.onEnd({ kind, succeeded, announced: this.announced, unexplained: this.unexplained });
  }
}

/** The sandbox is not trusted to name a code that a WebSocket may not send. */
function knownCode(code: unknown): number {
  return Object.values(CLOSE_CODES).find((row) => row.code === code)?.code ?? CLOSE_CODES.lost.code;
}

interface Fields {
  readonly type?: unknown;
  readonly from?: unknown;
  readonly code?: unknown;
  readonly reason?: unknown;
}

function readFields(message: Uint8Array): Fields {
  try {
    const value: unknown = JSON.parse(Buffer.from(message.buffer, message.byteOffset, message.length).toString('utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
