import { World } from './fake-world.js';
import { Viewer } from './viewer.js';

const two = (): { world: World; first: Viewer; second: Viewer } => ({
  world: new World(),
  first: new Viewer({ viewer: 'viewer-one' }),
  second: new Viewer({ viewer: 'viewer-two', columns: 60, rows: 20 }),
});

test('the first viewer that wants to write does, the second watches', () => {
  const { world, first, second } = two();
  world.connect(first);
  world.connect(second);
  expect(first.last('hello')).toMatchObject({ role: 'writer', viewers: 1 });
  expect(second.last('hello')).toMatchObject({ role: 'watcher', viewers: 2 });
  expect(first.last('role')).toEqual({ type: 'role', role: 'writer', viewers: 2, input: 0 });
  second.type('not heard');
  expect(world.shell.typed).toEqual([]);
});

test('take moves the role at once, with size and input', () => {
  const { world, first, second } = two();
  world.connect(first);
  world.connect(second);
  first.type('abc');
  second.send({ type: 'take' });
  expect(first.last('role')).toEqual({ type: 'role', role: 'watcher', viewers: 2, input: 3 });
  expect(second.last('role')).toMatchObject({ role: 'writer' });
  expect(world.shell.sizes.at(-1)).toMatchObject({ columns: 60, rows: 20 });
  first.type('lost');
  second.type('kept');
  expect(Buffer.concat(world.shell.typed).toString()).toBe('abckept');
});

test('what a former writer typed and the terminal had not taken is dropped, and it is told where', () => {
  const { world, first, second } = two();
  world.connect(first);
  world.connect(second);
  world.shell.room = 2;
  first.type('abcdef');
  second.send({ type: 'take' });
  expect(first.last('role')).toMatchObject({ role: 'watcher', input: 2 });
  world.shell.room = Infinity;
  world.pass(1000);
  expect(Buffer.concat(world.shell.typed).toString()).toBe('ab');
});

test('the same viewer attaching again replaces its old attachment and keeps its role', () => {
  const { world, first, second } = two();
  const old = world.connect(first);
  world.connect(second);
  world.connect(first);
  expect(first.last('goaway')?.code).toBe(4409);
  expect(old.isClosed).toBe(true);
  expect(first.last('hello')).toMatchObject({ role: 'writer', viewers: 2 });
});

test('a connection that was overtaken by its own successor does not put that one out', () => {
  const { world, first } = two();
  world.connect(first, { opened: 2_000 });
  const late = new Viewer({ viewer: first.viewer });
  world.connect(late, { opened: 1_000 });
  expect(late.last('goaway')?.code).toBe(4409);
  expect(first.last('goaway')).toBeUndefined();
  first.type('still here');
  expect(Buffer.concat(world.shell.typed).toString()).toBe('still here');
});

test('a lost writer keeps its place against those who watch already, not against a newcomer', () => {
  const { world, first, second } = two();
  const connection = world.connect(first);
  world.connect(second);
  connection.lose();
  expect(second.last('role')).toMatchObject({ role: 'watcher', viewers: 1 });
  const third = new Viewer({ viewer: 'viewer-three' });
  world.connect(third);
  expect(third.last('hello')).toMatchObject({ role: 'writer' });
});

test('after the hold the place goes to whoever has wanted it for longest', () => {
  const { world, first, second } = two();
  const connection = world.connect(first);
  world.connect(second);
  connection.lose();
  for (let part = 0; part < 3; part++) {
    world.pass(20_500);
    second.send({ type: 'ping', from: 'bridge', id: part });
  }
  expect(second.last('role')).toMatchObject({ role: 'writer' });
  expect(world.shell.sizes.at(-1)).toMatchObject({ columns: 60, rows: 20 });
});

test('only the writer’s size changes the terminal', () => {
  const { world, first, second } = two();
  world.connect(first);
  world.connect(second);
  second.send({ type: 'resize', columns: 10, rows: 10 });
  expect(world.shell.sizes).toHaveLength(1);
});

test('a version from before all versions and junk are refused, each on its own attachment only', () => {
  const { world, first, second } = two();
  world.connect(first);
  const bad = world.connect(second, { version: 0 });
  expect(second.last('goaway')?.code).toBe(4426);
  expect(bad.isClosed).toBe(true);
  for (const junk of ['', '[]', '{"type":"ack"}', '{"type":"ack","output":1}', '{"type":"hello"}']) {
    const viewer = new Viewer({ viewer: 'junk-viewer' });
    const connection = world.connect(viewer);
    connection.attachment.receiveControl(junk);
    expect(viewer.last('goaway')?.code).toBe(4400);
  }
  expect(first.last('goaway')).toBeUndefined();
  const newer = new Viewer({ viewer: 'newer-viewer' });
  world.connect(newer, { version: 2 });
  expect(newer.last('hello')?.version).toBe(1);
});
