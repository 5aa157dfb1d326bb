import type { IncomingMessage } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import { ApiError } from './api-error.js';
import type { ClusterAccess } from './cluster-access.js';
import { PATIENCE, readText } from './read-text.js';

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** From the root, e.g. `/api/v1/namespaces/x/pods`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** @default application/json */
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

/** Told about every finished call: its verb, the status (0: no answer) and the seconds it took. */
export type ObserveCall = (method: string, status: number, seconds: number) => void;

/** Calls of the Kubernetes API over kept-alive connections, with credentials read afresh; every failure is an `ApiError`. */
export class ApiClient {
  constructor(
    readonly access: ClusterAccess,
    private readonly observe: ObserveCall = () => undefined,
    /** How long an answer may take to begin, or to go on, in milliseconds. */
    private readonly patience = PATIENCE,
  ) {}

  /** @throws ApiError */
  async json<T>(call: ApiCall): Promise<T> {
    const response = await this.open(call);
    const text = await readText(response, this.patience);
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      throw new ApiError(response.statusCode ?? 0, 'Unreadable', 'the Kubernetes API sent an answer that is not JSON', {
        cause,
      });
    }
  }

  /** An answer whose body goes on for as long as the server likes. @throws ApiError */
  async open(call: ApiCall): Promise<IncomingMessage> {
    const started = performance.now();
    let status = 0;
    try {
      const response = await this.attempt(call);
      status = response.statusCode ?? 0;
      if (status >= 200 && status < 300) return response;
      throw ApiError.fromBody(status, await readText(response, this.patience));
    } finally {
      this.observe(call.method, status, (performance.now() - started) / 1000);
    }
  }

  /** Tries again, once, after 401 (the token may just have rotated) and when a kept-alive connection turned out dead. */
  private async attempt(call: ApiCall): Promise<IncomingMessage> {
    const first = await this.send(call).catch((error: unknown) => {
      if (error instanceof DeadConnection) return undefined;
      throw error;
    });
    if (first !== undefined && first.statusCode !== 401) return first;
    first?.resume();
    return this.send(call);
  }

  private async send(call: ApiCall): Promise<IncomingMessage> {
    const options = await this.access.options().catch((error: unknown) => {
      throw ApiError.unreachable(error);
    });
    const url = new URL(this.access.server);
    url.pathname = url.pathname.replace(/\/$/, '') + call.path;
    url.search = new URLSearchParams(call.query).toString();
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const headers = {
      ...(options.headers as Record<string, string>),
      accept: 'application/json',
      ...(body === undefined
        ? {}
        : {
            'content-type': call.contentType ?? 'application/json',
            'content-length': String(Buffer.byteLength(body)),
          }),
    };
    return exchange(url, { ...options, headers, method: call.method, signal: call.signal }, body, this.patience);
  }
}

class DeadConnection extends ApiError {
  constructor(cause: unknown) {
    super(0, 'Unreachable', 'the Kubernetes API closed the connection', { cause });
  }
}

function exchange(
  url: URL,
  options: RequestOptions,
  body: string | undefined,
  patience: number,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options);
    const timer = setTimeout(() => sent.destroy(new Error(`no answer within ${patience / 1000} s`)), patience);
    sent.once('response', (response) => {
      clearTimeout(timer);
      resolve(response);
    });
    sent.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      const stale = sent.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      reject(stale ? new DeadConnection(error) : ApiError.unreachable(error));
    });
    sent.end(body);
  });
}
