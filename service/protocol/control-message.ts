import { LIMITS } from './limits.js';

/*
 * Everything that is not terminal bytes: one JSON object in a text message, told apart by `type`.
 * Offsets count bytes since the session began: `output` in the shell's output, `input` in this viewer's own input.
 *
 *   viewer → keeper   hello ack resize take replay interrupt extend ping
 *   keeper → viewer   hello ack resize role replay gap exit notice goaway pong
 *   bridge → viewer   progress exit notice goaway
 */

/** Viewer → keeper, the first message: who it is and where it stands. */
export interface ViewerHello {
  readonly type: 'hello';
  readonly version: number;
  /** Made by the page, kept over reconnects and reloads of one tab: `[A-Za-z0-9_-]{8,64}`. */
  readonly viewer: string;
  /**
   * When the viewer opened this connection, in milliseconds since the epoch by its own clock: the later of two
   * connections of one viewer stays, whichever hello arrives first. @default the one that arrives last
   */
  readonly opened?: number;
  /** The first output byte it lacks; `null` to start with a replay. */
  readonly output: number | null;
  /** The first input byte that it does not know to be acknowledged: where its numbering stands for a keeper that has forgotten it. */
  readonly input: number;
  readonly columns: number;
  readonly rows: number;
  /** Whether it would like to type. It becomes the writer if nobody connected is, or if it was the writer before. */
  readonly write: boolean;
}

/** Viewer → keeper: all output before `output` has been put on the screen. */
export interface ViewerAck {
  readonly type: 'ack';
  readonly output: number;
}

/** Viewer → keeper: the viewer's own size (only the writer's changes the terminal). Keeper → viewer: the terminal's size from this point of the output on. */
export interface Resize {
  readonly type: 'resize';
  readonly columns: number;
  readonly rows: number;
}

/** Viewer → keeper: I want to type now; whoever did goes on watching. */
export interface Take {
  readonly type: 'take';
}

/** Viewer → keeper: start me again from the present state; I dropped output. */
export interface ReplayRequest {
  readonly type: 'replay';
}

/** Viewer → keeper: Ctrl-C that overtakes input still queued; `input` is the number of the first byte after what it drops. */
export interface Interrupt {
  readonly type: 'interrupt';
  readonly input: number;
}

/** Viewer → keeper: move the idle limit. */
export interface Extend {
  readonly type: 'extend';
}

/** Both hops send it; `from` says who, so that the bridge keeps its own answers to itself. */
export interface Ping {
  readonly type: 'ping';
  readonly from: 'viewer' | 'bridge';
  readonly id: number;
}

export interface Pong {
  readonly type: 'pong';
  readonly from: 'viewer' | 'bridge';
  readonly id: number;
}

/** Keeper → viewer, the answer: the agreed version, and the next input byte it expects from this viewer. */
export interface KeeperHello {
  readonly type: 'hello';
  readonly version: number;
  readonly input: number;
  readonly role: Role;
  readonly viewers: number;
  readonly columns: number;
  readonly rows: number;
}

export type Role = 'writer' | 'watcher';

/** Keeper → viewer: all input before `input` was typed (or dropped by an interrupt). */
export interface KeeperAck {
  readonly type: 'ack';
  readonly input: number;
}

/** Keeper → viewer: your role and how many are attached; `input` as in the hello, so that a former writer knows what was typed. */
export interface RoleChange {
  readonly type: 'role';
  readonly role: Role;
  readonly viewers: number;
  readonly input: number;
}

/** Keeper → viewer: reset the screen to this size, write the `state` frames that follow; output continues at `output`. */
export interface Replay {
  readonly type: 'replay';
  readonly output: number;
  readonly columns: number;
  readonly rows: number;
  /** The end of the output at this moment. A terminal has answered the queries before it already and must not do so again. @default `output` */
  readonly end?: number | undefined;
}

/** Keeper → viewer: output bytes `from` (inclusive) to `to` (exclusive) were dropped and cannot be had any more. */
export interface Gap {
  readonly type: 'gap';
  readonly from: number;
  readonly to: number;
}

/** The shell has ended (keeper) or the Pod has (bridge): why, for people. */
export interface Exit {
  readonly type: 'exit';
  readonly reason: EndReason;
  readonly message: string;
  /** @default none: the shell did not exit by itself */
  readonly code?: number | undefined;
  /** @default none: no signal ended the shell */
  readonly signal?: string | undefined;
}

/** Why a session ended. `exited`: its shell did; `ended`: somebody pressed End; the rest are limits and mishaps. */
export const END_REASONS = [
  'exited',
  'ended',
  'idle',
  'deadline',
  'out-of-memory',
  'evicted',
  'failed',
  'lost',
] as const;
export type EndReason = (typeof END_REASONS)[number];

/** Something that a person should read; the session goes on. */
export interface Notice {
  readonly type: 'notice';
  readonly notice: NoticeCode;
  readonly message: string;
  /** When it will happen, milliseconds since the epoch. @default none */
  readonly at?: number | undefined;
}

export const NOTICE_CODES = [
  'idle-soon',
  'deadline-soon',
  'out-of-memory',
  'extended',
  'waiting',
  'node-lost',
  'node-back',
] as const;
export type NoticeCode = (typeof NOTICE_CODES)[number];

/** The socket will close with `code` (see CLOSE_CODES). */
export interface GoAway {
  readonly type: 'goaway';
  readonly code: number;
  readonly message: string;
}

/** Bridge → viewer while the sandbox starts. */
export interface Progress {
  readonly type: 'progress';
  readonly step: ProgressStep;
  readonly state: 'waiting' | 'done' | 'failed';
  readonly message: string;
}

export const PROGRESS_STEPS = ['created', 'scheduled', 'image', 'started', 'ready'] as const;
export type ProgressStep = (typeof PROGRESS_STEPS)[number];

export type ViewerMessage = ViewerHello | ViewerAck | Resize | Take | ReplayRequest | Interrupt | Extend | Ping;
export type ServerMessage =
  KeeperHello | KeeperAck | Resize | RoleChange | Replay | Gap | Exit | Notice | GoAway | Progress | Pong;
/** What the keeper alone sends. */
export type KeeperMessage = Exclude<ServerMessage, Progress>;

/** What was wrong with a message; `undefined` `message` and no problem: a type from a newer version, to be ignored. */
export interface Parsed<Message> {
  readonly message?: Message;
  readonly problem?: string;
}

type Check = (value: unknown) => boolean;
const offset: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const oneOf =
  (...allowed: readonly unknown[]): Check =>
  (value) =>
    allowed.includes(value);
const text: Check = (value) => typeof value === 'string' && value.length <= 4096;
const whole: Check = (value) => Number.isSafeInteger(value);
const columns: Check = (value) => offset(value) && (value as number) >= 1 && (value as number) <= LIMITS.columns;
const rows: Check = (value) => offset(value) && (value as number) >= 1 && (value as number) <= LIMITS.rows;
const flag: Check = (value) => typeof value === 'boolean';
const viewer: Check = (value) => typeof value === 'string' && /^[A-Za-z0-9_-]{8,64}$/.test(value);
const role = oneOf('writer', 'watcher');
const sender = oneOf('viewer', 'bridge');
const size = { columns, rows };

const VIEWER_FIELDS: Record<ViewerMessage['type'], Record<string, Check>> = {
  hello: {
    version: whole,
    viewer,
    opened: optional(offset),
    output: (value) => value === null || offset(value),
    input: offset,
    ...size,
    write: flag,
  },
  ack: { output: offset },
  resize: size,
  take: {},
  replay: {},
  interrupt: { input: offset },
  extend: {},
  ping: { from: sender, id: whole },
};

const SERVER_FIELDS: Record<ServerMessage['type'], Record<string, Check>> = {
  hello: { version: whole, input: offset, role, viewers: offset, ...size },
  ack: { input: offset },
  resize: size,
  role: { role, viewers: offset, input: offset },
  replay: { output: offset, ...size, end: optional(offset) },
  gap: { from: offset, to: offset },
  exit: { reason: oneOf(...END_REASONS), message: text, code: optional(whole), signal: optional(text) },
  notice: { notice: oneOf(...NOTICE_CODES), message: text, at: optional(whole) },
  goaway: { code: whole, message: text },
  progress: { step: oneOf(...PROGRESS_STEPS), state: oneOf('waiting', 'done', 'failed'), message: text },
  pong: { from: sender, id: whole },
};

/** Reads what a viewer (or the bridge, for its pings) sent. */
export function parseViewerMessage(json: string): Parsed<ViewerMessage> {
  return parse<ViewerMessage>(json, VIEWER_FIELDS);
}

/** Reads what the keeper or the bridge sent to a viewer. */
export function parseServerMessage(json: string): Parsed<ServerMessage> {
  return parse<ServerMessage>(json, SERVER_FIELDS);
}

function parse<Message>(json: string, table: Readonly<Record<string, Record<string, Check>>>): Parsed<Message> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { problem: 'not JSON' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { problem: 'not a JSON object' };
  const fields = value as Readonly<Record<string, unknown>>;
  const type = fields['type'];
  if (typeof type !== 'string') return { problem: 'type: want a string' };
  if (!Object.hasOwn(table, type)) return {};
  const wrong = Object.entries(table[type] ?? {}).filter(([name, check]) => !check(fields[name]));
  if (wrong.length > 0) return { problem: `${type}: bad ${wrong.map(([name]) => name).join(', ')}` };
  return { message: value as Message };
}
