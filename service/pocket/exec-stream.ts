import type { WebSocket } from 'ws';
import type { ContainerProcess } from './container-process.js';
import type { Pod } from './pod.js';
import type { ExecOptions } from './sandbox-container.js';
import type { Status } from './status-error.js';

/** One exec's socket. */
export interface ExecStreamProps {
  readonly socket: WebSocket;
  readonly pod: Pod;
  readonly options: ExecOptions;
  /** Whether v5 was agreed on, in which stdin can be closed on its own. */
  readonly v5: boolean;
}

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const RESIZE = 4;
const CLOSE = 255;
/** The largest payload that a kubelet's stream carries in one message. */
const FRAME = 32 * 1024;
/** Output stops being read while this much waits for the client. */
const HIGH_WATER = 256 * 1024;
const LOW_WATER = 64 * 1024;

/** Joins a program with a WebSocket that speaks `v5.channel.k8s.io` or `v4.channel.k8s.io`. */
export class ExecStream {
  readonly pod: Pod;
  private process: ContainerProcess | undefined;
  private readonly early: Buffer[] = [];
  private inputOver = false;
  private outputPaused = false;
  private inputPaused = false;
  private frozen = false;
  private over = false;

  constructor(private readonly props: ExecStreamProps) {
    this.pod = props.pod;
    const { socket, options } = props;
    socket.on('message', (data, binary) => {
      if (binary) this.receive(data as Buffer);
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.over = true;
      this.process?.abandon();
    });
    // So the client learns that the socket is open; in v5 nothing has been started by then.
    this.send(options.stdout ? STDOUT : options.stderr ? STDERR : ERROR, Buffer.alloc(0));
  }

  /** Connects the program that was started. */
  join(process: ContainerProcess): void {
    this.process = process;
    if (this.over) {
      process.abandon();
      return;
    }
    process.onDrain(() => this.setInputPaused(false));
    process.onOutput((channel, bytes) => this.sendOutput(channel, bytes));
    const paused = this.inputPaused;
    this.inputPaused = false;
    for (const message of this.early.splice(0)) this.receive(message);
    if (paused) this.continueInput();
  }

  /** Says how it ended, once, and closes. */
  finish(status: Partial<Status>): void {
    if (this.over) return;
    this.over = true;
    this.send(ERROR, Buffer.from(JSON.stringify(status)));
    this.props.socket.close(1000);
    // A client that does not read must not keep the end from being told; but it may take its time to read it.
    this.props.socket.resume();
  }

  /** Breaks the connection, without a Status or a closing handshake. */
  kill(): void {
    this.props.socket.terminate();
  }

  /**
   * Breaks the way between API server and node. A real API server takes that for a command that ended well: it says Success
   * (seen on 1.34 with a cut connection, a kubelet and a containerd that restart).
   */
  loseNode(): void {
    this.finish({ metadata: {}, status: 'Success' });
    this.process?.abandon();
  }

  /** As when the network between client and node is gone: nothing arrives any more, and nobody is told. */
  freeze(): void {
    this.frozen = true;
    this.props.socket.pause();
    this.process?.pauseOutput();
  }

  private continueInput(): void {
    if (!this.inputPaused) this.props.socket.resume();
  }

  private receive(message: Buffer): void {
    const { process } = this;
    const channel = message[0];
    if (channel === undefined || this.over) return;
    if (process === undefined) {
      this.early.push(message);
      // Nothing reads it yet; what the client goes on to send may wait in the network.
      this.setInputPaused(true);
      return;
    }
    switch (channel) {
      case STDIN:
        if (message.length > 1 && !this.inputOver && !process.write(message.subarray(1))) this.setInputPaused(true);
        break;
      case RESIZE:
        this.resize(message.subarray(1));
        break;
      case CLOSE:
        if (this.props.v5) this.closeChannel(message);
        break;
      default:
    }
  }

  private closeChannel(message: Buffer): void {
    const [, channel = RESIZE + 1] = message;
    // A real server ends the connection then, and says nothing.
    if (message.length !== 2 || channel > RESIZE) this.props.socket.close(1000);
    else if (channel === STDIN) {
      this.inputOver = true;
      this.process?.endInput();
    }
  }

  private resize(json: Buffer): void {
    let size: unknown;
    try {
      size = JSON.parse(json.toString());
    } catch {
      return;
    }
    const { Width, Height } = (size ?? {}) as Readonly<Record<string, unknown>>;
    if (Number.isInteger(Width) && Number.isInteger(Height)) this.process?.resize(Width as number, Height as number);
  }

  private sendOutput(channel: 1 | 2, bytes: Buffer): void {
    for (let start = 0; start < bytes.length; start += FRAME) this.send(channel, bytes.subarray(start, start + FRAME));
    if (this.props.socket.bufferedAmount <= HIGH_WATER || this.outputPaused) return;
    this.outputPaused = true;
    this.process?.pauseOutput();
  }

  private send(channel: number, bytes: Buffer): void {
    const message = Buffer.allocUnsafe(bytes.length + 1);
    message[0] = channel;
    bytes.copy(message, 1);
    this.props.socket.send(message, { binary: true }, () => this.sent());
  }

  private sent(): void {
    if (!this.outputPaused || this.frozen || this.over || this.props.socket.bufferedAmount > LOW_WATER) return;
    this.outputPaused = false;
    this.process?.resumeOutput();
  }

  /** One ordered pipe carries stdin and resizes: a program that does not read stops both. */
  private setInputPaused(paused: boolean): void {
    if (this.inputPaused === paused || this.frozen) return;
    this.inputPaused = paused;
    if (paused) this.props.socket.pause();
    else this.props.socket.resume();
  }
}
