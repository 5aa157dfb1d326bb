import { World } from './fake-world.js';
import { Viewer } from './viewer.js';

const hour = 3_600_000;

test('every viewer gets the rest of the output, then why it ended', () => {
  const world = new World();
  const viewer = new Viewer();
  const connection = world.connect(viewer);
  world.shell.print('bye');
  world.shell.exit(3);
  world.clock.settle();
  expect(viewer.text).toBe('bye');
  expect(viewer.last('exit')).toEqual({
    type: 'exit',
    reason: 'exited',
    code: 3,
    message: 'The shell exited with code 3.',
  });
  expect(connection.isClosed).toBe(true);
  expect(world.ends).toHaveLength(1);
});

test('a writer lost just before the end may come back for it, for two seconds', () => {
  const world = new World();
  const viewer = new Viewer();
  world.connect(viewer).lose();
  world.shell.print('last words');
  world.shell.exit(0);
  world.clock.settle();
  expect(world.ends).toHaveLength(0);
  world.connect(viewer);
  expect(viewer.text).toBe('last words');
  expect(viewer.last('exit')).toMatchObject({ reason: 'exited', code: 0 });
  const nobody = new World();
  nobody.connect(new Viewer()).lose();
  nobody.shell.exit(0);
  nobody.clock.advance(2000);
  expect(nobody.ends).toHaveLength(1);
});

test('a shell killed after the kernel ran out of memory ended for that reason, and every viewer was told', () => {
  const world = new World();
  const viewer = new Viewer();
  world.connect(viewer);
  world.keeper.ranOutOfMemory(2);
  expect(viewer.last('notice')).toMatchObject({ notice: 'out-of-memory' });
  world.shell.exit(137, 'SIGKILL');
  world.clock.settle();
  expect(viewer.last('exit')).toMatchObject({ reason: 'out-of-memory', signal: 'SIGKILL' });
});

test('End hangs up the shell and says so', () => {
  const world = new World();
  const viewer = new Viewer();
  world.connect(viewer);
  world.keeper.end('ended');
  world.clock.settle();
  expect(world.shell.signals).toEqual(['SIGHUP', 'SIGKILL']);
  expect(viewer.last('exit')).toMatchObject({ reason: 'ended' });
});

test('the idle limit is announced ten minutes ahead, also to those who come later, and Extend moves it', () => {
  const world = new World({ idle: 2 * hour });
  const viewer = new Viewer();
  world.connect(viewer).lose();
  const start = world.clock.now();
  world.pass(2 * hour - 600_000);
  const late = new Viewer({ viewer: 'late-viewer', write: false });
  world.connect(viewer);
  // Attaching is activity: the limit has moved.
  expect(viewer.last('notice')).toMatchObject({ notice: 'idle-soon', at: start + 2 * hour });
  world.pass(1000);
  expect(viewer.last('notice')).toMatchObject({ notice: 'extended' });
  for (let step = 0; step < 229; step++) {
    viewer.send({ type: 'ping', from: 'bridge', id: step });
    world.pass(30_000);
  }
  const soon = viewer.last('notice');
  expect(soon).toMatchObject({ notice: 'idle-soon' });
  viewer.send({ type: 'extend' });
  expect(viewer.last('notice')).toMatchObject({ notice: 'extended', at: world.clock.now() + 2 * hour });
  world.connect(late);
  expect(late.of('notice')).toEqual([]);
});

test('a session in which nothing happens ends with that reason', () => {
  const world = new World({ idle: hour });
  const viewer = new Viewer();
  world.connect(viewer);
  for (let step = 0; step < 121; step++) {
    viewer.send({ type: 'ping', from: 'bridge', id: step });
    world.pass(30_000);
  }
  expect(viewer.last('exit')).toMatchObject({ reason: 'idle' });
  const unattended = new World({ idle: hour });
  unattended.pass(hour + 1000);
  expect(unattended.ends).toEqual([expect.objectContaining({ reason: 'idle' })]);
});

test('the deadline is announced and ends the session just before the kubelet would', () => {
  const world = new World({ deadline: 2 * hour });
  const viewer = new Viewer();
  world.connect(viewer);
  const start = world.clock.now();
  for (let at = 0; at < 2 * hour; at += 30_000) {
    viewer.send({ type: 'ping', from: 'bridge', id: at });
    world.pass(30_000);
    if (world.ends.length > 0) break;
  }
  expect(viewer.of('notice')).toEqual([
    expect.objectContaining({ notice: 'deadline-soon', at: start + 2 * hour - 15_000 }),
  ]);
  expect(viewer.last('exit')).toMatchObject({ reason: 'deadline' });
  expect(world.clock.now()).toBeLessThanOrEqual(start + 2 * hour);
});
