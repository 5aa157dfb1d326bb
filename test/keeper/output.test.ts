import { LIMITS } from '../../service/protocol/limits.js';
import { World } from './fake-world.js';
import { Viewer } from './viewer.js';

const MiB = 1024 * 1024;
const numbered = (from: number, to: number): Buffer => {
  const bytes = Buffer.alloc(to - from);
  for (let at = from; at < to; at++) bytes[at - from] = 32 + ((at * 7 + (at >> 8)) % 90);
  return bytes;
};

test('a returning viewer gets exactly the bytes it lacks', () => {
  const world = new World();
  const viewer = new Viewer();
  const connection = world.connect(viewer);
  world.print(numbered(0, 1000));
  connection.lose();
  world.print(numbered(1000, 5000));
  world.connect(viewer);
  expect(viewer.of('replay')).toHaveLength(1);
  expect(Buffer.concat(viewer.chunks).equals(numbered(0, 5000))).toBe(true);
});

test('while the writer is connected the program is read no further than the window ahead of it', () => {
  const world = new World();
  const viewer = new Viewer({ acks: false });
  world.connect(viewer);
  world.print(Buffer.alloc(MiB, 'a'));
  expect(viewer.output).toBeLessThanOrEqual(LIMITS.outputWindow);
  expect(viewer.output).toBeGreaterThan(LIMITS.outputWindow - world.shell.maxRead);
  expect(world.shell.blocked).toBe(MiB - (viewer.output ?? 0));
  viewer.acks = true;
  viewer.ack();
  world.clock.settle();
  expect(viewer.output).toBe(MiB);
});

test('with plenty on its way only whole frames follow, and the rest leaves with the acknowledgement', () => {
  const world = new World();
  const viewer = new Viewer({ acks: false });
  world.connect(viewer);
  world.print(Buffer.alloc(LIMITS.dataFrame, 'a'));
  world.pass(1);
  world.print('rest');
  expect(viewer.output).toBe(LIMITS.dataFrame);
  viewer.ack();
  world.clock.settle();
  expect(viewer.text.endsWith('rest')).toBe(true);
});

test('a flood is gathered for a moment, so that few messages carry it; a lone line leaves at once', () => {
  const world = new World();
  const viewer = new Viewer();
  world.connect(viewer);
  world.print('lone');
  expect(viewer.text).toBe('lone');
  for (let read = 0; read < 5; read++) world.print(Buffer.alloc(4095, 'f'));
  expect(viewer.text).toBe('lone');
  world.pass(1);
  world.pass(1);
  expect(viewer.chunks).toHaveLength(2);
  expect(viewer.output).toBe(4 + 5 * 4095);
});

test('for the hold after the writer is lost nothing that it lacks is overwritten: the program waits', () => {
  const world = new World();
  const viewer = new Viewer();
  const connection = world.connect(viewer);
  world.print(numbered(0, 1000));
  connection.lose();
  world.print(numbered(1000, 3 * MiB));
  world.pass(59_000);
  expect(world.shell.blocked).toBeGreaterThanOrEqual(2 * MiB - 1000);
  world.connect(viewer);
  world.pass(5_000);
  expect(viewer.of('gap')).toEqual([]);
  expect(Buffer.concat(viewer.chunks).equals(numbered(0, 3 * MiB))).toBe(true);
});

test('after the hold the program runs on, and the returning viewer is told exactly what was dropped', () => {
  const world = new World();
  const viewer = new Viewer();
  const connection = world.connect(viewer);
  world.print(numbered(0, 1000));
  connection.lose();
  world.print(numbered(1000, 3 * MiB));
  world.pass(61_000);
  expect(world.shell.blocked).toBe(0);
  world.connect(viewer);
  expect(viewer.of('gap')).toEqual([{ type: 'gap', from: 1000, to: 2 * MiB }]);
  expect(viewer.last('replay')?.output).toBe(3 * MiB);
  world.print('onward');
  expect(viewer.text).toBe('onward');
});

test('a watcher never holds the program back; one that falls out of the log is told so and starts anew', () => {
  const world = new World();
  const writer = new Viewer();
  const watcher = new Viewer({ viewer: 'watcher-1', write: false, acks: false });
  world.connect(writer);
  world.connect(watcher);
  for (let part = 0; part < 30; part++) world.print(Buffer.alloc(100_000, 'a'));
  expect(writer.output).toBe(3_000_000);
  expect(watcher.output).toBeLessThanOrEqual(LIMITS.outputWindow);
  const had = watcher.output ?? 0;
  watcher.acks = true;
  watcher.ack();
  world.clock.settle();
  expect(watcher.of('gap')).toEqual([{ type: 'gap', from: had, to: 3_000_000 - MiB }]);
  expect(watcher.last('replay')?.output).toBe(3_000_000);
});

test('a socket that takes no more is left alone until it has drained', () => {
  const world = new World();
  const writer = new Viewer();
  const connection = world.connect(writer);
  connection.isStuck = true;
  world.print('waits');
  expect(writer.text).toBe('');
  connection.unstick();
  expect(writer.text).toBe('waits');
});

test('a writer that makes no progress is sent away, and the hold begins', () => {
  const world = new World();
  const writer = new Viewer({ acks: false });
  const connection = world.connect(writer);
  world.print(Buffer.alloc(MiB, 'a'));
  for (let second = 0; second < 61; second++) {
    writer.send({ type: 'ping', from: 'bridge', id: second });
    world.pass(1000);
  }
  expect(writer.last('goaway')?.code).toBe(4408);
  expect(connection.isClosed).toBe(true);
  world.print(Buffer.alloc(MiB, 'b'));
  expect(world.shell.blocked).toBeGreaterThan(0);
  world.pass(61_000);
  expect(world.shell.blocked).toBe(0);
});

test('a silent attachment is closed; a ping is answered and keeps it', () => {
  const world = new World();
  const writer = new Viewer();
  const connection = world.connect(writer);
  world.pass(40_000);
  writer.send({ type: 'ping', from: 'bridge', id: 7 });
  expect(writer.last('pong')).toEqual({ type: 'pong', from: 'bridge', id: 7 });
  world.pass(40_000);
  expect(connection.isClosed).toBe(false);
  world.pass(6_000);
  expect(connection.isClosed).toBe(true);
});

test('a change of size reaches every viewer at the same byte, also one that returns later', () => {
  const world = new World();
  const writer = new Viewer();
  const late = new Viewer({ viewer: 'late-viewer', write: false });
  world.connect(writer);
  const connection = world.connect(late);
  connection.lose();
  world.print('before');
  writer.send({ type: 'resize', columns: 100, rows: 30 });
  world.clock.settle();
  world.print('after');
  world.connect(late);
  expect(late.messages.slice(-1)).toEqual([{ type: 'resize', columns: 100, rows: 30 }]);
  expect(late.chunks.map(String)).toEqual(['before', 'after']);
  expect(world.shell.sizes).toEqual([
    expect.objectContaining({ columns: 80, rows: 24 }),
    expect.objectContaining({ columns: 100, rows: 30 }),
  ]);
});

test('a full-screen program is asked to redraw after a replay, a line program is not', () => {
  const world = new World();
  const viewer = new Viewer();
  const connection = world.connect(viewer);
  world.print('$ ');
  viewer.send({ type: 'replay' });
  world.clock.settle();
  expect(world.shell.signals).toEqual([]);
  world.print('\x1b[?1049h');
  connection.lose();
  viewer.output = null;
  world.connect(viewer);
  expect(world.shell.signals).toEqual(['SIGWINCH']);
  expect(Buffer.concat(viewer.state).toString()).toContain('\x1b[?1047h');
});
