import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PIPE_KINDS, PipeDecoder, encodePipeMessage } from '../../service/protocol/pipe.js';
import { connect } from './socket-line.js';
import { Viewer } from './viewer.js';

/** The files that are in the image; jest's global set-up builds them. */
const dist = new URL('../../dist/keeper/', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'keeper-'));
const children: ChildProcessWithoutNullStreams[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function run(
  entry: 'keeper' | 'attach',
  environment: Readonly<Record<string, string>>,
): ChildProcessWithoutNullStreams {
  const env = { PATH: process.env['PATH'], HOME: folder, KEEPER_SOCKET: join(folder, 'socket'), ...environment };
  const child = spawn(process.execPath, [join(dist, `${entry}.js`)], { env });
  children.push(child);
  return child;
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

test('a bad environment is refused with every problem at once', async () => {
  const keeper = run('keeper', {
    KEEPER_SOCKET: 'relative',
    KEEPER_IDLE_SECONDS: '-1',
    KEEPER_HOLD_SECONDS: 'a minute',
    KEEPER_LOG_BYTES: '1000',
  });
  const [complaint, [code]] = await Promise.all([textOf(keeper.stderr), once(keeper, 'exit') as Promise<[number]>]);
  expect(code).toBe(78);
  expect(complaint.match(/KEEPER_\w+/g)).toEqual([
    'KEEPER_SOCKET',
    'KEEPER_IDLE_SECONDS',
    'KEEPER_HOLD_SECONDS',
    'KEEPER_LOG_BYTES',
  ]);
  expect(complaint).toContain('KEEPER_IDLE_SECONDS="-1": want a whole number from 0 to 2000000');
});

test('keeper-attach waits for the keeper, carries both ways, and SIGTERM ends everything with a reason', async () => {
  const termination = join(folder, 'termination');
  const attach = run('attach', {});
  const keeper = run('keeper', { KEEPER_TERMINATION_LOG: termination });
  const log = textOf(keeper.stderr);
  const viewer = new Viewer();
  const decoder = new PipeDecoder();
  attach.stdout.on('data', (chunk: Buffer) => {
    for (const { kind, message } of decoder.push(chunk))
      if (kind === PIPE_KINDS.binary) viewer.data(message);
      else viewer.control(Buffer.from(message).toString());
  });
  viewer.connected({
    control: (json) => void attach.stdin.write(encodePipeMessage(PIPE_KINDS.text, Buffer.from(json))),
    data: (frame) => void attach.stdin.write(encodePipeMessage(PIPE_KINDS.binary, frame)),
  });
  viewer.type('trap "" HUP; echo secret-$((6*7)); cat /proc/$PPID/comm; cat /proc/$$/oom_score_adj\r');
  await viewer.until(() => /secret-42\r\n[^\n]*\n\d+\r\n/.test(viewer.text));
  expect(viewer.text).toContain('secret-42\r\nkeeper\r\n300\r\n');
  keeper.kill('SIGTERM');
  const [code] = (await once(keeper, 'exit')) as [number];
  expect(code).toBe(0);
  expect(viewer.last('exit')).toMatchObject({ reason: 'ended' });
  expect(JSON.parse(readFileSync(termination, 'utf8'))).toMatchObject({ reason: 'ended' });
  if (attach.exitCode === null) await once(attach, 'exit');
  expect(attach.exitCode).toBe(0);
  const lines = (await log).trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(
    expect.arrayContaining(['listening', 'shell-started', 'attached', 'ending', 'ended']),
  );
  expect(lines.join()).not.toContain('secret');
});

test('the keeper exits with the shell’s code; a stale socket is replaced, a living one is not', async () => {
  const socket = join(folder, 'socket');
  rmSync(socket, { force: true });
  const stale = createServer().listen(socket);
  await once(stale, 'listening');
  const refused = run('keeper', {});
  expect(await textOf(refused.stderr)).toContain('another keeper listens here');
  stale.close();
  writeFileSync(socket, '');
  const keeper = run('keeper', {});
  await once(keeper.stderr, 'data');
  const viewer = new Viewer();
  await connect(viewer, socket);
  viewer.type('exit 5\r');
  const [code] = (await once(keeper, 'exit')) as [number];
  expect(code).toBe(5);
  expect(existsSync(socket)).toBe(false);
});

test('keeper-attach ends when its stdin does', async () => {
  const keeper = run('keeper', {});
  await once(keeper.stderr, 'data');
  const attach = run('attach', {});
  attach.stdin.end();
  const [code] = (await once(attach, 'exit')) as [number];
  expect(code).toBe(0);
});
