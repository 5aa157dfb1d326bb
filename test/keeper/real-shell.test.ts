import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startKeeper } from './real-keeper.js';
import type { RealKeeper } from './real-keeper.js';
import { connect } from './socket-line.js';
import { Viewer } from './viewer.js';

let keeper: RealKeeper;
afterEach(async () => keeper.stop());

/** A new shell with `viewer` at its prompt. */
async function open(viewer: Viewer, props?: Parameters<typeof startKeeper>[0]): Promise<void> {
  keeper = await startKeeper(props);
  writeFileSync(join(keeper.folder, '.bash_profile'), "PS1='$ '\n");
  await connect(viewer, keeper.socket);
  await viewer.until(() => viewer.text.includes('$ '));
}

/** Waits for a process that was killed to be dead, whether or not somebody has reaped it. */
async function stateOf(pid: number): Promise<string> {
  for (;;) {
    let state = 'gone';
    try {
      state = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) (.).*$/s, '$1');
    } catch {
      // Reaped.
    }
    if (/gone|Z/.test(state)) return state;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('the shell starts at the first viewer’s size, in its home, without the keeper’s variables', async () => {
  const viewer = new Viewer({ columns: 93, rows: 31 });
  await open(viewer);
  viewer.type('stty size; pwd; env | grep -c ^KEEPER_; echo $TERM $COLORTERM; stty -a | grep -o " iutf8"\r');
  await viewer.until(() => viewer.text.includes('truecolor\r\n iutf8'));
  expect(viewer.text).toContain('31 93\r\n');
  expect(viewer.text).toContain(`${keeper.folder}\r\n0\r\nxterm-256color truecolor\r\n`);
  expect(statSync(keeper.socket).mode & 0o777).toBe(0o600);
});

test('the last output, the exit code and the termination log arrive, and nothing is left behind', async () => {
  const viewer = new Viewer();
  const log = join('/tmp', `termination-${process.pid}`);
  await open(viewer, { terminationLog: log });
  viewer.type('sleep 1000 & echo pid=$!; head -c 2000000 /dev/zero | tr "\\0" a; exit 7\r');
  await viewer.until(() => viewer.last('exit') !== undefined);
  expect(viewer.last('exit')).toMatchObject({ reason: 'exited', code: 7 });
  expect(viewer.text.length).toBeGreaterThan(2_000_000);
  await keeper.ended;
  expect(JSON.parse(readFileSync(log, 'utf8'))).toMatchObject({ reason: 'exited', code: 7 });
  const left = Number(/pid=(\d+)/.exec(viewer.text)?.[1]);
  await expect(stateOf(left)).resolves.toMatch(/gone|Z/);
});

test('four MiB pasted into a program in raw mode arrive byte for byte', async () => {
  const viewer = new Viewer();
  await open(viewer);
  const paste = Buffer.alloc(4 * 1024 * 1024, 'öäü €uro 字 \x1b[A\x03\x04\x11\x13 0123456789\r\n');
  viewer.type(`stty raw -echo; echo READY; head -c ${paste.length} | sha256sum; stty sane\r`);
  await viewer.until(() => viewer.text.includes('READY\n'));
  viewer.type(paste);
  await viewer.until(() => /[0-9a-f]{64}/.test(viewer.text));
  expect(viewer.text).toContain(createHash('sha256').update(paste).digest('hex'));
});
