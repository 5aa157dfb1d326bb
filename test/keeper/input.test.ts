import fc from 'fast-check';
import { OPS, encodeDataFrame } from '../../service/protocol/data-frame.js';
import { LIMITS } from '../../service/protocol/limits.js';
import { World } from './fake-world.js';
import { Viewer } from './viewer.js';

const typed = (world: World): string => Buffer.concat(world.shell.typed).toString();
const frame = (offset: number, text: string): Uint8Array => encodeDataFrame(OPS.input, offset, Buffer.from(text));

test('bytes that were taken are not typed again, and a hole is refused with the byte that is wanted', () => {
  const world = new World();
  const viewer = new Viewer();
  const { attachment } = world.connect(viewer);
  attachment.receiveData(frame(0, 'abc'));
  attachment.receiveData(frame(1, 'bcd'));
  attachment.receiveData(frame(0, 'ab'));
  attachment.receiveData(frame(9, 'xyz'));
  expect(typed(world)).toBe('abcd');
  expect(viewer.of('ack').map(({ input }) => input)).toEqual([4, 4]);
});

test('an acknowledgement means that the terminal has taken it', () => {
  const world = new World();
  const viewer = new Viewer();
  world.connect(viewer);
  world.shell.room = 3;
  viewer.type('abcdef');
  world.pass(10);
  expect(viewer.last('ack')?.input).toBe(3);
  world.shell.room = 100;
  world.pass(1000);
  expect(viewer.last('ack')?.input).toBe(6);
  expect(typed(world)).toBe('abcdef');
});

test('an acknowledgement leaves with what the input brought onto the screen, or soon when it brought nothing', () => {
  const world = new World();
  const viewer = new Viewer();
  world.connect(viewer);
  viewer.type('a');
  expect(viewer.of('ack')).toEqual([]);
  world.print('a');
  expect(viewer.text).toBe('a');
  expect(viewer.of('ack')).toEqual([{ type: 'ack', input: 1 }]);
  viewer.type('b');
  world.pass(9);
  expect(viewer.of('ack')).toHaveLength(1);
  world.pass(1);
  expect(viewer.last('ack')?.input).toBe(2);
});

test('a long paste is acknowledged at once, for its viewer waits to send more', () => {
  const world = new World();
  const viewer = new Viewer();
  world.connect(viewer);
  viewer.type('p'.repeat(LIMITS.inputWindow / 2));
  expect(viewer.last('ack')?.input).toBe(LIMITS.inputWindow / 2);
});

test('Ctrl-C overtakes what waits and counts it as typed', () => {
  const world = new World();
  const viewer = new Viewer();
  const { attachment } = world.connect(viewer);
  world.shell.room = 2;
  attachment.receiveData(frame(0, 'abcdef'));
  world.shell.room = 1;
  viewer.send({ type: 'interrupt', input: 6 });
  expect(typed(world)).toBe('ab\x03');
  world.pass(10);
  expect(viewer.last('ack')?.input).toBe(6);
  world.shell.room = 100;
  attachment.receiveData(frame(6, 'g'));
  world.pass(1000);
  expect(typed(world)).toBe('ab\x03g');
});

test('Ctrl-C becomes a signal when the terminal takes nothing', () => {
  const world = new World();
  const viewer = new Viewer();
  world.connect(viewer);
  world.shell.room = 0;
  viewer.type('waits');
  viewer.send({ type: 'interrupt', input: 5 });
  expect(world.shell.signals).toEqual(['SIGINT']);
});

test('a viewer that sends more than its window breaks the protocol', () => {
  const world = new World();
  const viewer = new Viewer();
  const { attachment } = world.connect(viewer);
  world.shell.room = 0;
  attachment.receiveData(encodeDataFrame(OPS.input, 0, Buffer.alloc(LIMITS.inputWindow)));
  expect(viewer.last('goaway')).toBeUndefined();
  attachment.receiveData(frame(LIMITS.inputWindow, 'x'));
  expect(viewer.last('goaway')?.code).toBe(4400);
});

test('a keeper that has forgotten a viewer goes on where that one stands', () => {
  const world = new World();
  const viewer = new Viewer();
  const { attachment } = world.connect(viewer, { input: 5000 });
  expect(viewer.last('hello')?.input).toBe(5000);
  attachment.receiveData(frame(5000, 'on'));
  expect(typed(world)).toBe('on');
});

test('over any losses everything is typed once and every byte of output arrives once', () => {
  const event = fc.oneof(
    fc.record({ kind: fc.constant('type' as const), length: fc.integer({ min: 1, max: 90_000 }) }),
    fc.record({ kind: fc.constant('print' as const), length: fc.integer({ min: 1, max: 300_000 }) }),
    fc.record({ kind: fc.constant('lose' as const), length: fc.nat(50_000) }),
    fc.record({ kind: fc.constant('room' as const), length: fc.nat(30_000) }),
    fc.record({ kind: fc.constant('pass' as const), length: fc.nat(3000) }),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      const world = new World();
      const viewer = new Viewer();
      let connection = world.connect(viewer);
      const sent: Buffer[] = [];
      const printed: Buffer[] = [];
      for (const [index, { kind, length }] of events.entries()) {
        const bytes = Buffer.alloc(length, `${index}.`);
        if (kind === 'type') {
          sent.push(bytes);
          viewer.type(bytes);
        } else if (kind === 'print') {
          printed.push(bytes);
          world.print(bytes);
        } else if (kind === 'room') world.shell.room = length;
        else if (kind === 'pass') world.pass(length);
        else {
          connection.lose();
          connection = world.connect(viewer);
        }
      }
      world.shell.room = Infinity;
      world.pass(2000);
      expect(Buffer.concat(world.shell.typed).equals(Buffer.concat(sent))).toBe(true);
      expect(Buffer.concat(viewer.chunks).equals(Buffer.concat(printed))).toBe(true);
      expect(viewer.isTyped).toBe(true);
    }),
    { numRuns: 150 },
  );
});
