import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { ApiError } from './api-error.js';
import type { ClusterAccess } from './cluster-access.js';
import { readExecStatus, type ExecEnd } from './exec-status.js';

export interface ExecTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
}

/** Called as things happen; `onEnd` exactly once, after the last `onOutput`. */
export interface ExecHandlers {
  readonly onOutput: (chunk: Uint8Array) => void;
  readonly onEnd: (end: ExecEnd) => void;
}

const STDIN = 0;
const STDOUT = 1;
const STATUS = 3;

/** Largest payload of one stdin message, in bytes: what a kubelet's stream carries in one piece. */
const STDIN_CHUNK = 32 * 1024;
const ATTEMPTS = 3;

/**
 * A command in a container, without a TTY: stdin and stdout over one WebSocket (v5/v4.channel.k8s.io).
 * The library's own Exec has no backpressure and loses the error body, hence this one.
 */
export class ExecSocket {
  private status: ExecEnd | undefined;

  private constructor(
    private readonly socket: WebSocket,
    private readonly handlers: ExecHandlers,
  ) {
    socket.on('message', (data) => this.receive(data as Buffer));
    socket.on('error', () => undefined);
    socket.once('close', (code) => {
      this.handlers.onEnd(this.status ?? { kind: 'lost', message: `the exec stream closed with ${code}` });
    });
  }

  /**
   * Opens the exec. With v5 that does not yet mean that the command runs: a later failure arrives at `onEnd`.
   * @throws ApiError with the API server's own words, after three tries where trying again may help
   */
  static async open(access: ClusterAccess, target: ExecTarget, handlers: ExecHandlers): Promise<ExecSocket> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await connect(access, target, (socket) => new ExecSocket(socket, handlers));
      } catch (error) {
        const failure = error instanceof ApiError ? error : ApiError.unreachable(error);
        if (attempt === ATTEMPTS || !mayPass(failure)) throw failure;
        await delay(100 * attempt);
      }
    }
  }

  /** Bytes accepted by `write` and not yet given to the network. */
  get bufferedAmount(): number {
    return this.socket.bufferedAmount;
  }

  get paused(): boolean {
    return this.socket.isPaused;
  }

  /** Sends bytes to the command's stdin. */
  write(bytes: Uint8Array): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    for (let start = 0; start < bytes.length; start += STDIN_CHUNK) {
      const chunk = bytes.subarray(start, start + STDIN_CHUNK);
      const message = Buffer.allocUnsafe(chunk.length + 1);
      message[0] = STDIN;
      message.set(chunk, 1);
      this.socket.send(message, { binary: true });
    }
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Ends the stream; the command sees the end of its stdin. Nothing arrives at `onOutput` any more. */
  close(): void {
    this.socket.removeAllListeners('message');
    // A paused socket would never see the other side's answer to the close.
    this.socket.resume();
    this.socket.close(1000);
  }

  private receive(message: Buffer): void {
    const payload = message.subarray(1);
    if (message[0] === STDOUT && payload.length > 0) this.handlers.onOutput(payload);
    // Some servers keep the stream open after the Status; nothing can follow it.
    if (message[0] === STATUS && payload.length > 0) {
      this.status = readExecStatus(payload.toString('utf8'));
      this.socket.close(1000);
    }
  }
}

function mayPass(error: ApiError): boolean {
  // 401: the token may just have been rotated; it is read afresh for the next try.
  return error.status === 0 || error.status === 401 || error.status >= 500 || error.message.includes('error dialing');
}

async function connect<T>(access: ClusterAccess, target: ExecTarget, wrap: (socket: WebSocket) => T): Promise<T> {
  const url = new URL(access.server);
  const { namespace, pod } = target;
  url.protocol = 'wss:';
  url.pathname = `${url.pathname.replace(/\/$/, '')}/api/v1/namespaces/${namespace}/pods/${pod}/exec`;
  const flags = { container: target.container, stdin: 'true', stdout: 'true', stderr: 'false', tty: 'false' };
  url.search = new URLSearchParams([
    ...Object.entries(flags),
    ...target.command.map((word) => ['command', word] as [string, string]),
  ]).toString();
  const { agent, ca, cert, key, headers, rejectUnauthorized, servername } = await access.options();
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, ['v5.channel.k8s.io', 'v4.channel.k8s.io'], {
      ...{ agent, ca, cert, key, rejectUnauthorized, servername },
      headers: headers as Record<string, string>,
      perMessageDeflate: false,
      handshakeTimeout: 15_000,
      maxPayload: 1024 * 1024,
      skipUTF8Validation: true,
    });
    const fail = (error: unknown): void => reject(error instanceof ApiError ? error : ApiError.unreachable(error));
    socket.once('error', fail);
    socket.once('unexpected-response', (_request, response) => {
      void readRefusal(response).then((error) => {
        fail(error);
        socket.terminate();
      });
    });
    // Wrapped at once in `open`: the first message may follow in the same tick.
    socket.once('open', () => {
      socket.off('error', fail);
      resolve(wrap(socket));
    });
  });
}

async function readRefusal(response: IncomingMessage): Promise<ApiError> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch {
    // The body is a courtesy; the status alone will do.
  }
  const error = ApiError.fromBody(response.statusCode ?? 0, Buffer.concat(chunks).toString('utf8'));
  if (error.status !== 403 || /cannot|quota/.test(error.message)) return error;
  // From 1.35 on the second check of an upgrade gives no reason.
  const hint = 'does the Role allow both get and create on pods/exec?';
  return new ApiError(error.status, error.reason, `${error.message.trim()} (${hint})`);
}
