import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { WebSocketServer, type WebSocket } from 'ws';
import { CLOSE_CODES } from '../../protocol/close-code.js';
import type { ServerMessage } from '../../protocol/control-message.js';
import { LIMITS } from '../../protocol/limits.js';
import type { Gate, Visitor } from '../access/gate.js';
import type { Cluster } from '../sessions/ports.js';
import { ProblemError, toProblem } from '../sessions/problem-error.js';
import { SessionStart } from '../sessions/session-start.js';
import type { Session, Sessions } from '../sessions/sessions.js';
import type { OpenExec } from './exec-stream.js';
import { TerminalCounters } from './terminal-counters.js';
import type { TerminalTimes } from './terminal-times.js';
import { Viewer } from './viewer.js';

export interface TerminalServerProps {
  readonly sessions: Sessions;
  readonly cluster: Cluster;
  readonly gate: Gate;
  readonly openExec: OpenExec;
  /** '' or `/path`. */
  readonly basePath: string;
  /** Counted in this replica alone: with N replicas a session has at most N times as many. */
  readonly viewersPerSession: number;
  readonly times: TerminalTimes;
  readonly log: Logger;
  readonly now: () => number;
}

/** The WebSocket edge: lets viewers in, before the upgrade, and looks after them. Listens to nothing by itself. */
export class TerminalServer {
  readonly counters = new TerminalCounters();
  private readonly sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LIMITS.message,
    perMessageDeflate: false,
    clientTracking: false,
  });
  private readonly viewers = new Map<string, Set<Viewer>>();
  private readonly ticking: NodeJS.Timeout;
  private draining = false;

  constructor(private readonly props: TerminalServerProps) {
    this.ticking = setInterval(() => void this.tick(), props.times.tick);
  }

  get viewerCount(): number {
    return this.all().length;
  }

  /** For the HTTP server's `upgrade` event; `secure`: it is known to have come over TLS. Never rejects; a refusal is a plain HTTP answer with a problem in it. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, secure: boolean): Promise<void> {
    socket.on('error', () => socket.destroy());
    try {
      const { visitor, session } = await this.admit(request, secure);
      if (socket.destroyed) return;
      // The bridge may have begun to drain while it asked the cluster.
      if (this.draining) throw new ProblemError('draining');
      this.sockets.handleUpgrade(request, socket, head, (opened) => this.opened(opened, visitor, session));
    } catch (error) {
      const problem = toProblem(error);
      if (problem.code === 'internal') this.props.log.error({ err: error }, 'an upgrade failed');
      refuse(socket, problem);
    }
  }

  /** Refuses new viewers from now on, and sends those there are to another replica, spread over `spread` milliseconds. */
  async drain(spread: number): Promise<void> {
    this.draining = true;
    await Promise.all(
      this.all().map(async (viewer) => {
        await delay(Math.random() * spread);
        viewer.goAway(CLOSE_CODES.going.code);
      }),
    );
  }

  close(): void {
    this.draining = true;
    clearInterval(this.ticking);
    for (const viewer of this.all()) viewer.goAway(CLOSE_CODES.going.code);
    this.sockets.close();
  }

  private async admit(request: IncomingMessage, secure: boolean): Promise<{ visitor: Visitor; session: Session }> {
    const { gate, sessions, basePath } = this.props;
    if (this.draining) throw new ProblemError('draining');
    const address = request.url ?? '/';
    const url = URL.canParse(address, 'http://bridge') ? new URL(address, 'http://bridge') : undefined;
    if (url?.pathname !== `${basePath}/terminal`) throw new ProblemError('not-found');
    if (!gate.originAllowed(request.headers, secure)) throw new ProblemError('foreign-origin');
    const visitor = await gate.visitor(request.headers);
    if (visitor === undefined) throw new ProblemError((await gate.hasUsers()) ? 'unauthenticated' : 'no-users');
    return { visitor, session: await sessions.open(visitor.user, url.searchParams.get('session') ?? '') };
  }

  private opened(socket: WebSocket, visitor: Visitor, session: Session): void {
    const { sessions, cluster, openExec, times, now, viewersPerSession, log } = this.props;
    const viewers = this.viewers.get(session.id) ?? new Set();
    if (viewers.size >= viewersPerSession) {
      log.info({ session: session.id, user: visitor.user }, 'a viewer too many');
      return turnAway(socket, viewersPerSession);
    }
    this.viewers.set(session.id, viewers);
    const viewer = new Viewer({
      socket,
      visitor,
      session,
      look: () => sessions.open(visitor.user, session.id),
      follow: (listener) => sessions.follow(session.id, listener),
      followStart: (starting, onProgress) => new SessionStart(sessions, cluster, starting, onProgress),
      openExec,
      counters: this.counters,
      times,
      now,
      onClosed: (closed) => {
        log.info({ session: session.id, user: visitor.user }, 'a viewer left');
        viewers.delete(closed);
        if (viewers.size === 0) this.viewers.delete(session.id);
      },
    });
    viewers.add(viewer);
    log.info({ session: session.id, user: visitor.user }, 'a viewer came');
  }

  private async tick(): Promise<void> {
    const now = this.props.now();
    for (const viewer of this.all()) viewer.tick(now);
    try {
      for (const viewer of this.all()) {
        if (!(await this.props.gate.stillWelcome(viewer.visitor))) viewer.goAway(CLOSE_CODES.unauthenticated.code);
      }
    } catch (error) {
      this.props.log.error({ err: error }, 'the users cannot be read');
    }
  }

  private all(): Viewer[] {
    return [...this.viewers.values()].flatMap((viewers) => [...viewers]);
  }
}

/** One viewer too many comes back later: a tab that lost its network counts until its old socket is found dead. */
function turnAway(socket: WebSocket, limit: number): void {
  const { code } = CLOSE_CODES.busy;
  const message = `${limit} viewers, the limit, watch this session already. This one waits for a place.`;
  const words: ServerMessage[] = [
    { type: 'notice', notice: 'waiting', message },
    { type: 'goaway', code, message },
  ];
  socket.on('error', () => undefined);
  for (const word of words) socket.send(JSON.stringify(word));
  socket.close(code);
  setTimeout(() => socket.terminate(), 5_000).unref();
}

function refuse(socket: Duplex, problem: ProblemError): void {
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
