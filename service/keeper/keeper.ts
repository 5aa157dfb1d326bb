import { CLOSE_CODES } from '../protocol/close-code.js';
import { LIMITS } from '../protocol/limits.js';
import type { EndReason, Exit, KeeperMessage, Notice, ViewerHello } from '../protocol/control-message.js';
import { Attachment } from './attachment.js';
import type { AttachmentHost, Wire } from './attachment.js';
import type { Clock } from './clock.js';
import { EndClock } from './end-clock.js';
import { describeEnd } from './end-message.js';
import type { LogEvent } from './event-log.js';
import { InputQueue, InputStreams } from './input-stream.js';
import type { InputStream } from './input-stream.js';
import type { Source } from './output-feed.js';
import { Recording } from './recording.js';
import { Roles } from './roles.js';
import type { ShellExit, StartShell } from './shell.js';
import type { Size } from './size-history.js';

export interface KeeperProps {
  readonly startShell: StartShell;
  readonly clock: Clock;
  /** Milliseconds. */
  readonly hold: number;
  /** Milliseconds; 0: none. */
  readonly idle: number;
  /** Milliseconds; 0: none. */
  readonly deadline: number;
  readonly logBytes: number;
  readonly log: LogEvent;
  /** Everybody who could be told has been: nothing is left to do. */
  readonly onEnd: (exit: Exit) => void;
}

/** How long the last output and the exit wait for viewers, in milliseconds. */
const LINGER = 2000;
/** Attachments at the same time; the bridge allows fewer. */
const ATTACHMENTS = 64;
/** Typed bytes are acknowledged together with what they bring onto the screen, or this much later, in milliseconds. */
const ACK_WITHIN = 10;
/** A PTY gives no more at a time (N_TTY): after so much, more is most likely there already. */
const FULL_READ = 4095;
/** How long it is waited for, in milliseconds, until it fills a frame: every message costs each process on the way. */
const GATHER = 1;
/** So many are acknowledged at once: their viewer may be waiting to send more. */
const ACK_AT_ONCE = LIMITS.inputWindow / 4;
/** A shell killed this soon after the kernel ran out of memory was killed by it. */
const OOM_BLAME = 10_000;

/** The session without its transport: one shell, its output and everybody attached to it. */
export class Keeper implements AttachmentHost {
  readonly source: Source;
  private readonly props: KeeperProps;
  private readonly attachments = new Set<Attachment>();
  private readonly roles: Roles<Attachment>;
  private readonly streams = new InputStreams();
  private readonly queue: InputQueue;
  private readonly ends: EndClock;
  private recording: Recording | undefined;
  private replaced: Attachment | undefined;
  private ending: EndReason | undefined;
  private exit: Exit | undefined;
  private oomAt = -Infinity;
  /** Who wrote last, while nobody does. */
  private lastWriter = '';
  /** The input that is to be acknowledged. */
  private owed: InputStream | undefined;
  private isPumping = false;
  /** The end of the log when everybody was last sent what there was. */
  private pumped = 0;
  private lastRead = 0;
  private isOver = false;
  private stopWaiting: () => void = () => undefined;

  constructor(props: KeeperProps) {
    const { clock } = props;
    this.props = props;
    this.roles = new Roles(props.hold, () => clock.now());
    this.ends = new EndClock({ idle: props.idle, deadline: props.deadline, now: () => clock.now() });
    this.queue = new InputQueue({
      type: (bytes) => this.recording?.shell.write(bytes) ?? 0,
      interrupt: () => this.recording?.shell.interrupt(),
      onTyped: (stream) => this.acknowledge(stream),
      after: (ms, work) => clock.after(ms, work),
    });
    const recording = (): Recording => this.recorded();
    this.source = {
      get log() {
        return recording().log;
      },
      get sizes() {
        return recording().sizes;
      },
      snapshot: () => this.snapshot(),
    };
  }

  /** A connection has been made; the attachment is to be told what it brings and when it is lost. */
  attach(wire: Wire): Attachment {
    const attachment = new Attachment(this, wire);
    if (this.attachments.size >= ATTACHMENTS)
      attachment.goAway(CLOSE_CODES.busy, `${ATTACHMENTS} viewers are attached`);
    else this.attachments.add(attachment);
    return attachment;
  }

  /** Ends the shell and with it the session. */
  end(reason: EndReason): void {
    if (this.ending !== undefined || this.exit !== undefined) return;
    this.ending = reason;
    this.props.log('ending', { reason });
    if (this.recording === undefined) this.over({ type: 'exit', reason, message: describeEnd(reason) });
    else this.recording.shell.end();
  }

  /** The kernel has killed `count` processes of the sandbox for want of memory. */
  ranOutOfMemory(count: number): void {
    this.oomAt = this.now();
    this.props.log('out-of-memory', { count });
    const killed = count === 1 ? 'a process' : `${count} processes`;
    const message = `The sandbox ran out of memory; the kernel has killed ${killed} in it.`;
    this.tell({ type: 'notice', notice: 'out-of-memory', message });
  }

  /** Looks at every limit of time; to be called a few times a second. */
  tick(): void {
    for (const attachment of [...this.attachments]) this.tickOne(attachment);
    const expired = this.roles.expire();
    if (expired !== undefined) {
      this.props.log('hold-ended');
      if (expired.writer !== undefined) this.promote(expired.writer);
    }
    const { notices, end } = this.ends.tick();
    for (const notice of notices) this.tell(notice);
    if (end !== undefined) this.end(end);
    this.gate();
  }

  now(): number {
    return this.props.clock.now();
  }

  join(attachment: Attachment, hello: ViewerHello): void {
    if (this.isOver) return;
    const former = this.roles.find(hello.viewer);
    // Lost on the way and overtaken by the connection that replaced it: the living one must not make room.
    if (former !== undefined && attachment.opened < former.opened) {
      attachment.goAway(CLOSE_CODES.superseded);
      return;
    }
    this.recording ??= this.start(hello);
    const stream = this.streams.of(hello.viewer, hello.input);
    this.replaced = former;
    former?.goAway(CLOSE_CODES.superseded);
    this.replaced = undefined;
    this.roles.join(attachment);
    this.ends.touch();
    const isWriter = this.roles.writer === attachment;
    if (isWriter) this.writes(attachment, former?.viewer ?? this.lastWriter);
    const { columns, rows } = this.recording.sizes.at(hello.output ?? Infinity);
    const version = hello.version;
    const role = isWriter ? 'writer' : 'watcher';
    attachment.welcome(
      stream,
      { type: 'hello', version, input: stream.typed, role, viewers: this.roles.size, columns, rows },
      () => attachment.feed.start(hello.output),
    );
    for (const notice of this.ends.standing) attachment.send(notice);
    this.props.log('attached', { role, viewers: this.roles.size });
    this.tellRoles(attachment);
    this.pumpSoon();
    this.gate();
  }

  acked(attachment: Attachment): void {
    attachment.pump();
    if (this.exit !== undefined) this.pumpSoon();
    if (attachment === this.roles.writer) this.gate();
  }

  input(attachment: Attachment, offset: number, bytes: Uint8Array): void {
    if (attachment !== this.roles.writer || this.exit !== undefined) return;
    const { input } = attachment;
    const taken = this.queue.add(input, offset, bytes);
    if (taken === 'flood') attachment.refuse('input beyond the window');
    else if (taken === 'typed') this.ends.touch();
    else attachment.send({ type: 'ack', input: input.typed });
  }

  request(attachment: Attachment, message: Parameters<AttachmentHost['request']>[1]): void {
    const isWriter = attachment === this.roles.writer;
    switch (message.type) {
      case 'resize':
        if (isWriter) this.resize(message);
        break;
      case 'take':
        if (!isWriter) this.take(attachment);
        break;
      case 'replay':
        attachment.feed.replay();
        attachment.pump();
        if (isWriter) this.gate();
        break;
      case 'interrupt':
        if (!isWriter) break;
        this.ends.touch();
        this.queue.interrupt(attachment.input, message.input);
        break;
      case 'extend':
        this.tell(this.ends.extended());
        break;
    }
  }

  leave(attachment: Attachment): void {
    this.attachments.delete(attachment);
    const wasWriter = this.roles.writer === attachment;
    this.roles.leave(attachment, this.replaced === attachment || this.exit !== undefined);
    if (wasWriter) this.lastWriter = attachment.viewer;
    this.props.log('detached', { role: wasWriter ? 'writer' : 'watcher', viewers: this.roles.size });
    if (this.replaced !== attachment) this.tellRoles();
    this.gate();
    this.finishIfTold();
  }

  private start(size: Size): Recording {
    const { startShell, logBytes, clock, log } = this.props;
    const recording = new Recording({
      startShell,
      size,
      logBytes,
      clock,
      onOutput: (length) => {
        this.ends.touch();
        this.lastRead = length;
        this.pumpSoon();
        this.gate();
      },
      onFollowed: () => this.gate(),
      onFailure: () => log('emulator-failed'),
      onExit: (exit) => this.shellExited(exit),
    });
    log('shell-started', { columns: size.columns, rows: size.rows });
    return recording;
  }

  private recorded(): Recording {
    if (this.recording === undefined) throw new Error('no viewer has said hello yet');
    return this.recording;
  }

  private snapshot(): ReturnType<Source['snapshot']> {
    const { follower, shell } = this.recorded();
    const snapshot = follower.snapshot();
    if (snapshot.isAlternate && this.exit === undefined) this.props.clock.soon(() => shell.redraw());
    return snapshot;
  }

  /** Reads the PTY while the writer follows, or while a lost one's unread output stays in the log. */
  private gate(): void {
    if (this.recording === undefined || this.exit !== undefined) return;
    this.recording.allow(this.roles.writer, this.roles.claim);
  }

  private resize(size: Size): void {
    this.recording?.resize(size);
    this.pumpSoon();
  }

  private take(attachment: Attachment): void {
    const former = this.roles.take(attachment);
    this.writes(attachment, former?.viewer ?? this.lastWriter);
    this.tellRoles();
    this.gate();
  }

  private promote(attachment: Attachment): void {
    this.writes(attachment, this.lastWriter);
    this.tellRoles();
  }

  /** From now on this viewer's size and input count. */
  private writes(attachment: Attachment, former: string): void {
    if (former !== attachment.viewer) this.queue.drop();
    if (attachment.size !== undefined) this.resize(attachment.size);
  }

  /** Soon: an echo is on its way most often, and a message of its own would be in its way. */
  private acknowledge(stream: InputStream): void {
    if (this.owed !== stream) {
      this.owed = stream;
      this.props.clock.after(ACK_WITHIN, () => this.acknowledgeNow());
    }
    if (stream.typed - stream.acknowledged >= ACK_AT_ONCE) this.acknowledgeNow();
  }

  private acknowledgeNow(): void {
    const { owed } = this;
    if (owed === undefined) return;
    this.owed = undefined;
    owed.acknowledged = owed.typed;
    const { writer } = this.roles;
    if (writer?.input === owed) writer.send({ type: 'ack', input: owed.typed });
  }

  private tell(message: Notice): void {
    for (const attachment of this.roles.all) attachment.send(message);
  }

  private tellRoles(except?: Attachment): void {
    for (const attachment of this.roles.all) {
      if (attachment === except) continue;
      const role = attachment === this.roles.writer ? 'writer' : 'watcher';
      attachment.send({ type: 'role', role, viewers: this.roles.size, input: attachment.input.typed });
    }
  }

  private tickOne(attachment: Attachment): void {
    attachment.tick();
    if (!attachment.isOpen) this.attachments.delete(attachment);
  }

  private pumpSoon(): void {
    if (this.isPumping) return;
    this.isPumping = true;
    this.props.clock.soon(() => this.pump());
  }

  private pump(): void {
    const end = this.recording?.log.end ?? 0;
    const isFlood = this.lastRead >= FULL_READ;
    this.lastRead = 0;
    if (isFlood && end - this.pumped < LIMITS.dataFrame) {
      this.props.clock.after(GATHER, () => this.pump());
      return;
    }
    this.isPumping = false;
    this.pumped = end;
    for (const attachment of this.roles.all) this.pumpOne(attachment);
  }

  private pumpOne(attachment: Attachment): void {
    attachment.pump();
    if (attachment === this.roles.writer) this.acknowledgeNow();
    if (this.exit === undefined || !attachment.isOpen || !attachment.feed.isDone) return;
    attachment.send(this.exit);
    attachment.close();
  }

  private shellExited({ code, signal }: ShellExit): void {
    const wasKilled = signal === 'SIGKILL' && this.now() - this.oomAt < OOM_BLAME;
    const reason = this.ending ?? (wasKilled ? 'out-of-memory' : 'exited');
    const status = signal === undefined ? { code } : { code, signal };
    this.over({ type: 'exit', reason, message: describeEnd(reason, status), ...status });
  }

  private over(exit: KeeperMessage & Exit): void {
    this.exit = exit;
    this.props.log('ended', { reason: exit.reason, code: exit.code, signal: exit.signal });
    this.stopWaiting = this.props.clock.after(LINGER, () => this.finish());
    this.pumpSoon();
    this.finishIfTold();
  }

  private finishIfTold(): void {
    if (this.exit !== undefined && this.roles.size === 0 && this.roles.claim === undefined) this.finish();
  }

  private finish(): void {
    if (this.isOver || this.exit === undefined) return;
    this.isOver = true;
    this.stopWaiting();
    this.recording?.shell.sweep();
    for (const attachment of [...this.attachments]) attachment.close();
    this.props.onEnd(this.exit);
  }
}
