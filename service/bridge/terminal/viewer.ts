import { setTimeout as delay } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { CLOSE_CODES } from '../../protocol/close-code.js';
import { parseViewerMessage, type Progress, type ServerMessage } from '../../protocol/control-message.js';
import { decodeDataFrame, OPS } from '../../protocol/data-frame.js';
import { LIMITS } from '../../protocol/limits.js';
import { PIPE_KINDS, type PipeKind } from '../../protocol/pipe.js';
import type { Visitor } from '../access/gate.js';
import { ProblemError, toProblem } from '../sessions/problem-error.js';
import type { SessionEnd } from '../sessions/session-end.js';
import { lossOf } from '../sessions/session-loss.js';
import type { Session } from '../sessions/sessions.js';
import { Attachment, type AttachmentEnd } from './attachment.js';
import { Downstream } from './downstream.js';
import type { OpenExec } from './exec-stream.js';
import { Opening } from './opening.js';
import type { TerminalCounters } from './terminal-counters.js';
import type { TerminalTimes } from './terminal-times.js';

export interface ViewerProps {
  readonly socket: WebSocket;
  readonly visitor: Visitor;
  readonly session: Session;
  /** A fresh look at the session. Fails as `Sessions.open` does. */
  readonly look: () => Promise<Session>;
  readonly follow: (listener: (session: Session) => void) => () => void;
  readonly followStart: (session: Session, onProgress: (progress: Progress) => void) => { stop(): void };
  readonly openExec: OpenExec;
  readonly counters: TerminalCounters;
  readonly times: TerminalTimes;
  readonly onClosed: (viewer: Viewer) => void;
  readonly now: () => number;
}

/** What an honest viewer cannot exceed: its input window, and a little for control messages. */
const UPSTREAM_LIMIT = 4 * LIMITS.inputWindow;
/** A keeper needs a moment, after its container is Ready, before it listens: about ten seconds of tries. */
const ATTACH_ATTEMPTS = 12;
const LONGEST_WAIT = 1_000;
/** How long the keeper's own last words may take after its Pod has finished, in milliseconds. */
const LAST_WORDS = 1_500;
/** When the Pod is asked again what became of it, in milliseconds after an exec ended unexplained. */
const LOOKS = [0, 300, 700, 1_300];
/** The same after a Success, which most often is a lost node connection: the next attachment learns the rest. */
const FEW_LOOKS = [0, 300];

const GONE: SessionEnd = { reason: 'ended', message: 'The session has ended.' };

/** One browser on one session: waits for the sandbox, joins browser and keeper, and explains every end. */
export class Viewer {
  readonly visitor: Visitor;
  private readonly opening = new Opening();
  private readonly downstream: Downstream;
  private readonly unfollow: () => void;
  private readonly openedAt: number;
  private attachment: Attachment | undefined;
  private start: { stop(): void } | undefined;
  private session: Session;
  private greeted = false;
  private left = false;
  private attempts = 0;
  /** What was last said about a node that does not answer. */
  private loss: string | undefined;
  private alive = true;
  private pingedAt: number;

  constructor(private readonly props: ViewerProps) {
    const { socket, session, now, counters } = props;
    this.visitor = props.visitor;
    this.session = session;
    this.openedAt = this.pingedAt = now();
    this.downstream = new Downstream({ socket, counters, now, onFull: (full) => this.setFull(full) });
    socket.on('message', (data, isBinary) => this.receive(data as Buffer, isBinary));
    socket.on('pong', () => (this.alive = true));
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.release();
      props.onClosed(this);
    });
    this.unfollow = props.follow((changed) => this.sessionChanged(changed));
    if (session.phase === 'starting') this.start = props.followStart(session, (progress) => this.say(progress));
    this.sessionChanged(session);
  }

  /** Called about once a second: heartbeats, and everything that takes too long. */
  tick(now: number): void {
    const { times, socket } = this.props;
    if (this.left) return;
    if (!this.greeted && now - this.openedAt > times.firstMessage) {
      return this.goAway(CLOSE_CODES.malformed.code, `hello: want it within ${times.firstMessage} ms`);
    }
    if (this.downstream.stalledFor(now) > times.stall) return this.goAway(CLOSE_CODES.tooSlow.code);
    this.attachment?.tick(now);
    // A ping would wait behind the output that the browser does not take, and so would its pong.
    if (now - this.pingedAt < times.browserPing || this.downstream.undelivered > 0) return;
    if (!this.alive) return socket.terminate();
    this.alive = false;
    this.pingedAt = now;
    socket.ping();
  }

  /** Closes with a code of the table; `message` says why, for people. */
  goAway(code: number, message?: string): void {
    const meaning = Object.values(CLOSE_CODES).find((row) => row.code === code)?.meaning ?? '';
    this.say({ type: 'goaway', code, message: message ?? meaning });
    this.close(code);
  }

  private receive(data: Buffer, isBinary: boolean): void {
    if (this.left) return;
    this.alive = true;
    this.props.counters.bytesFromViewers += data.length;
    if (isBinary) this.receiveInput(data);
    else this.receiveMessage(data);
  }

  private receiveInput(data: Buffer): void {
    if (!this.greeted) return this.malformed('the first message must be hello');
    if (decodeDataFrame(data)?.op !== OPS.input) return this.malformed('not an input frame');
    this.forward(PIPE_KINDS.binary, data);
  }

  private receiveMessage(data: Buffer): void {
    const { message, problem } = parseViewerMessage(data.toString('utf8'));
    if (problem !== undefined) return this.malformed(problem.slice(0, 500));
    if (message === undefined) return;
    if (!this.greeted && message.type !== 'hello') return this.malformed('the first message must be hello');
    if (message.type === 'ping') {
      if (message.from !== 'viewer') return this.malformed('ping: from must be viewer');
      // While there is no keeper to answer, the bridge does: the page must not take the wait for a dead link.
      if (!this.attachment?.heard) return this.say({ type: 'pong', from: 'viewer', id: message.id });
    }
    this.greeted = true;
    this.forward(PIPE_KINDS.text, data, message.type);
  }

  private forward(kind: PipeKind, data: Buffer, type?: string): void {
    if (!this.attachment?.heard && !this.opening.push(kind, data, type)) {
      return this.malformed('more input than the window allows before the keeper has answered');
    }
    if (this.attachment?.stream === undefined) return;
    this.attachment.send(kind, data);
    if (this.attachment.stream.bufferedAmount > UPSTREAM_LIMIT) this.malformed('more input than the window allows');
  }

  private malformed(problem: string): void {
    this.goAway(CLOSE_CODES.malformed.code, problem);
  }

  private sessionChanged(session: Session): void {
    this.session = session;
    if (this.left) return;
    if (session.end !== undefined) return this.sessionEnded(session, session.end);
    if (session.phase === 'lost') return this.sayLoss(lossOf(session.pod));
    if (session.phase !== 'running') return;
    if (this.loss !== undefined) {
      this.loss = undefined;
      this.say({ type: 'notice', notice: 'node-back', message: 'The node answers again.' });
    }
    // Not after the hello: the exec takes longer than that does, and whoever comes back waits for both.
    if (this.attachment === undefined) void this.attach();
  }

  private sayLoss(message: string): void {
    if (this.loss === message) return;
    this.loss = message;
    this.say({ type: 'notice', notice: 'node-lost', message });
  }

  private sessionEnded(session: Session, end: SessionEnd): void {
    // A shell that exits ends the Pod: its last output and its exit code are still on their way through the exec.
    if (session.phase === 'ended' && this.attachment !== undefined) {
      void delay(LAST_WORDS, undefined, { ref: false }).then(() => this.finish(end));
    } else this.finish(end);
  }

  private async attach(): Promise<void> {
    this.attempts += 1;
    const { openExec, times, now, counters } = this.props;
    const attachment = new Attachment({
      podName: this.session.pod.metadata.name,
      openExec,
      times,
      now,
      onMessage: (kind, message) => {
        this.opening.clear();
        this.downstream.send(kind, message);
      },
      onEnd: (end) => void this.attachmentEnded(attachment, end),
    });
    this.attachment = attachment;
    try {
      await attachment.open();
    } catch (error) {
      counters.execsRefused += 1;
      return this.attachRefused(error);
    }
    counters.execsOpened += 1;
    this.start?.stop();
    for (const { kind, message } of this.opening.messages()) attachment.send(kind, message);
  }

  private async attachRefused(error: unknown): Promise<void> {
    if (this.left || (await this.explainByPod())) return;
    const problem = toProblem(error);
    const message = `The cluster did not open the way to the shell: ${problem.detail ?? problem.message}`;
    this.say({ type: 'progress', step: 'ready', state: 'failed', message });
    this.goAway(CLOSE_CODES.busy.code, message);
  }

  private async attachmentEnded(attachment: Attachment, end: AttachmentEnd): Promise<void> {
    const { kind, announced } = end;
    if (end.unexplained) return (await this.asksPod()) ? this.finish(GONE) : undefined;
    if (announced !== undefined) return this.close(announced);
    if (kind === 'lost' || kind === 'broken') return this.close(CLOSE_CODES.lost.code);
    // The kubelet could not start it, or nobody listened yet: nothing of what the viewer said has arrived.
    if (!attachment.heard && this.attempts < ATTACH_ATTEMPTS && !(await this.explainByPod())) {
      await delay(Math.min(LONGEST_WAIT, 50 * 2 ** this.attempts));
      return this.stays() ? this.attach() : undefined;
    }
    if (await this.asksPod(end.succeeded ? FEW_LOOKS : LOOKS)) this.close(CLOSE_CODES.lost.code);
  }

  /** Asks the Pod until it explains the end; `true`: it did not, and the viewer is still there. */
  private async asksPod(looks = LOOKS): Promise<boolean> {
    for (const wait of looks) {
      await delay(wait);
      if (!this.stays() || (await this.explainByPod())) return false;
    }
    return true;
  }

  /** Asks the Pod; `true`: it explained the end, and the viewer has been told. */
  private async explainByPod(): Promise<boolean> {
    try {
      const { end } = await this.props.look();
      if (end !== undefined) this.finish(end);
      return end !== undefined;
    } catch (error) {
      const gone = error instanceof ProblemError && (error.code === 'session-ended' || error.code === 'no-session');
      if (gone) this.finish({ ...GONE, message: error.detail ?? GONE.message });
      return gone;
    }
  }

  private finish(end: SessionEnd): void {
    this.say({ type: 'exit', ...end });
    this.close(CLOSE_CODES.ended.code);
  }

  private setFull(full: boolean): void {
    if (full) this.attachment?.stream?.pause();
    else this.attachment?.resume();
  }

  private say(message: ServerMessage): void {
    if (this.stays()) this.downstream.send(PIPE_KINDS.text, JSON.stringify(message));
  }

  private close(code: number): void {
    if (this.left) return;
    const { socket } = this.props;
    this.release();
    socket.close(code);
    // A browser that does not answer the close must not keep what is still buffered for it.
    setTimeout(() => socket.terminate(), 5_000).unref();
  }

  private release(): void {
    if (this.left) return;
    this.left = true;
    this.unfollow();
    this.start?.stop();
    this.attachment?.close();
  }

  /** A method, because it changes while others are awaited. */
  private stays(): boolean {
    return !this.left;
  }
}
