import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ApiRequest, readApiRequest } from './api-request.js';
import type { Authorizer } from './authorizer.js';
import type { Certificate } from './certificate.js';
import { discovery } from './discovery.js';
import type { ExecEndpoint } from './exec-endpoint.js';
import type { Identity, TokenBook } from './identity.js';
import type { ObjectList, ResourceApi } from './resource-api.js';
import type { KubeObject } from './kube-object.js';
import type { ObjectStore } from './object-store.js';
import { type Status, StatusError } from './status-error.js';
import { WatchStream } from './watch-stream.js';

/** What the API server is made of. */
export interface ApiServerProps {
  readonly certificate: Certificate;
  readonly store: ObjectStore;
  readonly resources: ResourceApi;
  readonly tokens: TokenBook;
  readonly authorizer: Authorizer;
  readonly exec: ExecEndpoint;
  /** Asked before each request is carried out; throws to refuse it. */
  readonly refuse: (request: ApiRequest) => void;
}

const HOST = '127.0.0.1';
/** As a real API server's --max-request-bytes (3 MiB). */
const BODY_LIMIT = 3 * 1024 * 1024;

/** HTTPS on the loopback interface: authenticates, authorises, and lets the resources or an exec answer. */
export class ApiServer {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();

  constructor(private readonly props: ApiServerProps) {}

  /** Listens; 0 takes any free port. Resolves with the port. */
  async listen(port: number): Promise<number> {
    const { key, certificate } = this.props.certificate;
    const server = createServer({ key, cert: certificate, keepAliveTimeout: 120_000, requestTimeout: 0 });
    server.on('request', (request, response) => void this.answer(request, response));
    server.on('upgrade', (request, socket: Duplex, head: Buffer) => this.upgrade(request, socket, head));
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.once('close', () => this.sockets.delete(socket));
    });
    server.listen(port, HOST);
    await once(server, 'listening');
    this.server = server;
    return (server.address() as AddressInfo).port;
  }

  /** Stops listening and drops every connection as it is: no last message, no TLS goodbye. */
  async drop(): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    this.server = undefined;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const identity = this.authenticate(request);
      const url = urlOf(request);
      const known = request.method === 'GET' ? discovery(url.pathname) : undefined;
      if (known !== undefined) {
        reply(response, 200, known);
        return;
      }
      const asked = this.authorize(identity, request.method ?? 'GET', url);
      if (asked.verb === 'watch') {
        new WatchStream(this.props.store, asked, response);
        return;
      }
      const body = await readBody(request);
      reply(response, asked.verb === 'create' ? 201 : 200, this.carryOut(asked, body, request));
    } catch (error) {
      if (!response.headersSent) refuse(response, error);
      else response.destroy();
    }
  }

  private carryOut(asked: ApiRequest, body: unknown, request: IncomingMessage): KubeObject | ObjectList {
    const { resources, exec } = this.props;
    if (asked.subresource === 'exec') throw exec.withoutUpgrade();
    // A status is written through its subresource, which for everything but Pods is the object itself.
    if (asked.subresource !== undefined && asked.subresource !== 'status') throw StatusError.noSuchPath();
    switch (asked.verb) {
      case 'get':
        return resources.get(asked);
      case 'list':
      case 'watch':
        return resources.list(asked);
      case 'create':
        return resources.create(asked, body);
      case 'update':
        return resources.update(asked, body);
      case 'patch':
        return resources.patch(asked, request.headers['content-type'] ?? '', body);
      case 'delete':
        return resources.delete(asked, body);
      case 'deletecollection':
        return resources.deleteAll(asked, body);
    }
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Whoever hangs up during the handshake is not an error of ours.
    socket.on('error', () => undefined);
    try {
      const identity = this.authenticate(request);
      const asked = this.authorize(identity, request.method ?? 'GET', urlOf(request));
      if (asked.subresource !== 'exec') throw StatusError.noSuchPath();
      this.props.exec.open({ asked, identity, request, socket, head });
    } catch (error) {
      const { status, code } = statusOf(error);
      const body = JSON.stringify(status);
      socket.end(
        `HTTP/1.1 ${code} ${status.reason ?? ''}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
      );
    }
  }

  private authenticate(request: IncomingMessage): Identity {
    const identity = this.props.tokens.identify(request.headers.authorization);
    if (identity === undefined) throw StatusError.unauthorized();
    return identity;
  }

  private authorize(identity: Identity, method: string, url: URL): ApiRequest {
    const asked = readApiRequest(method, url);
    this.props.authorizer.check(identity, asked);
    this.props.refuse(asked);
    return asked;
  }
}

function urlOf(request: IncomingMessage): URL {
  try {
    return new URL(request.url ?? '/', 'https://localhost');
  } catch {
    throw StatusError.badRequest('the request target is not a path');
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Read on without keeping it, or the client would not get to see the answer.
    if (size <= BODY_LIMIT) chunks.push(chunk);
  }
  if (size > BODY_LIMIT) throw StatusError.tooLarge(BODY_LIMIT);
  if (size === 0) return undefined;
  const type = request.headers['content-type'] ?? 'application/json';
  if (!/json/.test(type)) throw StatusError.unsupportedMediaType(['application/json']);
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw StatusError.badRequest('the request body is not JSON');
  }
}

function reply(response: ServerResponse, code: number, body: unknown): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
  response.writeHead(code, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}

function refuse(response: ServerResponse, error: unknown): void {
  const { status, code } = statusOf(error);
  reply(response, code, status);
}

function statusOf(error: unknown): { readonly status: Status; readonly code: number } {
  if (error instanceof StatusError) return error;
  return StatusError.internal(error instanceof Error ? error.message : 'unknown');
}
