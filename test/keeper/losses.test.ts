import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { startKeeper } from './real-keeper.js';
import type { RealKeeper } from './real-keeper.js';
import { connect } from './socket-line.js';
import { Viewer } from './viewer.js';

const MiB = 1024 * 1024;
const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

let keeper: RealKeeper;
afterEach(async () => keeper.stop());

async function open(viewer: Viewer, props?: Parameters<typeof startKeeper>[0]): Promise<Socket> {
  keeper = await startKeeper(props);
  writeFileSync(join(keeper.folder, '.bash_profile'), "PS1='$ '\n");
  const socket = await connect(viewer, keeper.socket);
  await viewer.until(() => viewer.text.includes('$ '));
  return socket;
}

test('over a hundred losses ten MiB each way arrive whole: nothing twice, nothing lost', async () => {
  const viewer = new Viewer();
  let socket = await open(viewer);
  const up = randomBytes(10 * MiB);
  const down = randomBytes(10 * MiB);
  writeFileSync(join(keeper.folder, 'down'), down);
  viewer.type(`stty raw -echo; echo READY; (cat down & head -c ${up.length} > up; wait; sha256sum < up)\r`);
  await viewer.until(() => viewer.text.includes('READY\n'));
  const start = viewer.text.indexOf('READY\n') + 6;
  const before = Buffer.concat(viewer.chunks).subarray(0, start).length;
  viewer.type(up);
  const finished = viewer.until(() => {
    if ((viewer.output ?? 0) < before + down.length + 64 || !viewer.isTyped) return false;
    return /[0-9a-f]{64} {2}-/.test(Buffer.concat(viewer.chunks.slice(-4)).toString('latin1'));
  });
  let losses = 0;
  for (; losses < 100; losses++) {
    const had = viewer.output ?? 0;
    await Promise.race([finished, viewer.until(() => (viewer.output ?? 0) - had > 70_000)]);
    socket.destroy();
    socket = await connect(viewer, keeper.socket);
  }
  await finished;
  const output = Buffer.concat(viewer.chunks);
  expect(output.subarray(start).toString('latin1')).toContain(hash(up));
  // The two programs share the terminal: the file is whole, what the shell says comes after it.
  expect(hash(output.subarray(start, start + down.length))).toBe(hash(down));
  expect(viewer.of('gap')).toEqual([]);
});

test('after Ctrl-C under a flood little more arrives before the prompt', async () => {
  const viewer = new Viewer();
  await open(viewer);
  viewer.type('yes\r');
  await viewer.until(() => (viewer.output ?? 0) > 2 * MiB);
  const at = viewer.output ?? 0;
  viewer.send({ type: 'interrupt', input: 4 });
  await viewer.until(() => viewer.chunks.at(-1)?.toString().endsWith('$ ') === true);
  expect((viewer.output ?? 0) - at).toBeLessThan(MiB);
});

test('after the hold the program has run on, and the gap is exactly what the log has lost', async () => {
  const viewer = new Viewer();
  const socket = await open(viewer, { hold: 1, logBytes: MiB });
  viewer.type('stty raw -echo; echo READY; head -c 5000000 /dev/zero | tr "\\0" z; touch done; cat\r');
  await viewer.until(() => viewer.text.includes('READY\n'));
  viewer.acks = false;
  socket.destroy();
  await viewer.until(() => !viewer.isConnected);
  const from = viewer.output ?? 0;
  const watcher = new Viewer({ viewer: 'watcher-1', write: false });
  // The watcher attaches and leaves until the program is through; it holds nothing back.
  await connect(watcher, keeper.socket);
  const total = from + 5_000_000 - Buffer.concat(viewer.chunks).subarray(viewer.text.indexOf('READY\n') + 6).length;
  await watcher.until(() => watcher.output === total);
  await connect(viewer, keeper.socket);
  await viewer.until(() => viewer.last('replay') !== undefined && viewer.last('gap') !== undefined);
  expect(viewer.of('gap')).toEqual([{ type: 'gap', from, to: total - MiB }]);
  expect(viewer.last('replay')?.output).toBe(total);
});

test('a character that comes byte by byte arrives whole', async () => {
  const viewer = new Viewer();
  await open(viewer);
  viewer.type('for b in e2 82 ac f0 9f 98 80 c3 a4; do printf "\\\\x$b"; sleep 0.02; done; echo; printf \'e%s\' nd\r');
  await viewer.until(() => viewer.text.includes('\nend'));
  expect(viewer.text).toContain('€😀ä\r\n');
});
