import type { IncomingMessage } from 'node:http';
import type { KubeConfig } from '@kubernetes/client-node';
import { WebSocket, type ClientOptions } from 'ws';
import { NAMESPACE } from './laboratory.js';

export interface ExecProps {
  readonly command: readonly string[];
  /** @default true */
  readonly stdin?: boolean;
  /** @default false */
  readonly tty?: boolean;
  /** @default 'main' */
  readonly container?: string;
  /** @default v5, then v4 */
  readonly protocols?: readonly string[];
}

/** The last word of an exec. */
export interface ExecStatus {
  readonly status: string;
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message: string }[] };
}

export const V5 = 'v5.channel.k8s.io';
export const V4 = 'v4.channel.k8s.io';

/** An exec on a bare WebSocket, as the bridge's own. */
export class ExecClient {
  readonly out: Buffer[] = [];
  readonly errors: Buffer[] = [];
  /** Every message's channel and size, in order. */
  readonly frames: { readonly channel: number; readonly size: number }[] = [];
  status: ExecStatus | undefined;
  /** The close code once it is closed. */
  readonly closed: Promise<number>;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => this.receive(data));
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => socket.once('close', (code) => resolve(code)));
  }

  /** @throws RefusedUpgrade when the server answers anything but 101 */
  static async open(config: KubeConfig, pod: string, props: ExecProps): Promise<ExecClient> {
    const { command, stdin = true, tty = false, container = 'main', protocols = [V5, V4] } = props;
    const query = new URLSearchParams({
      container,
      stdin: String(stdin),
      stdout: 'true',
      stderr: String(!tty),
      tty: String(tty),
    });
    for (const word of command) query.append('command', word);
    const server = config.getCurrentCluster()?.server.replace('https', 'wss') ?? '';
    const options: ClientOptions & { headers?: Record<string, string> } = {};
    await config.applyToHTTPSOptions(options);
    const socket = new WebSocket(
      `${server}/api/v1/namespaces/${NAMESPACE}/pods/${pod}/exec?${query.toString()}`,
      [...protocols],
      {
        ...options,
        perMessageDeflate: false,
      },
    );
    const client = new ExecClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
      socket.once('unexpected-response', (_request, response) => {
        void bodyOf(response).then((body) => reject(new RefusedUpgrade(response.statusCode ?? 0, body)));
      });
    });
    return client;
  }

  get stdout(): string {
    return Buffer.concat(this.out).toString();
  }

  get stderr(): string {
    return Buffer.concat(this.errors).toString();
  }

  get bytes(): number {
    return this.out.reduce((sum, part) => sum + part.length, 0);
  }

  write(bytes: string | Buffer): void {
    this.socket.send(Buffer.concat([Buffer.from([0]), Buffer.from(bytes)]));
  }

  resize(columns: number, rows: number): void {
    this.socket.send(Buffer.concat([Buffer.from([4]), Buffer.from(JSON.stringify({ Width: columns, Height: rows }))]));
  }

  /** Ends stdin alone (v5). */
  endInput(): void {
    this.socket.send(Buffer.from([255, 0]));
  }

  /** Ends as a network does: no closing handshake. */
  cut(): void {
    this.socket.terminate();
  }

  /** The exit code that the Status tells. */
  get exitCode(): number | undefined {
    if (this.status?.status === 'Success') return 0;
    const cause = this.status?.details?.causes?.find((each) => each.reason === 'ExitCode');
    return cause === undefined ? undefined : Number(cause.message);
  }

  private receive(data: Buffer): void {
    const [channel = -1] = data;
    const payload = data.subarray(1);
    this.frames.push({ channel, size: payload.length });
    if (channel === 1) this.out.push(payload);
    else if (channel === 2) this.errors.push(payload);
    else if (channel === 3 && payload.length > 0) this.status = JSON.parse(payload.toString()) as ExecStatus;
  }
}

/** The server refused to upgrade. */
export class RefusedUpgrade extends Error {
  constructor(
    readonly code: number,
    readonly body: string,
  ) {
    super(`${code} ${body}`);
  }
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of response as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString();
}
