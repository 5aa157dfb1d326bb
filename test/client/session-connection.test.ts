import { INPUT_QUEUE_LIMIT } from '../../service/client/connection/input-queue.js';
import { ACK_EVERY, ACK_WITHIN, PARKED_LIMIT } from '../../service/client/connection/output-receiver.js';
import { LIMITS } from '../../service/protocol/limits.js';
import { settle } from './fake-clock.js';
import { Page } from './page.js';

describe('attaching', () => {
  it('asks for a replay first, and for the exact byte after a loss', async () => {
    const page = new Page();
    const first = page.attach({}, 1000);
    expect(first.messages[0]).toEqual({
      type: 'hello',
      version: 1,
      viewer: 'viewer-0',
      opened: page.clock.now(),
      output: null,
      input: 0,
      columns: 80,
      rows: 24,
      write: true,
    });
    first.state('old screen|');
    first.output(1000, 'hello ');
    const second = await page.lose();
    page.welcome();
    expect(second.of('hello')[0]?.output).toBe(1006);
    second.output(1006, 'world');
    expect(page.screen.text).toBe('old screen|hello world');
  });

  it('puts each byte on the screen once, whatever the frames repeat', () => {
    const page = new Page();
    const socket = page.attach();
    socket.output(0, 'abc');
    socket.output(0, 'abc');
    socket.output(1, 'bcdef');
    expect(page.screen.text).toBe('abcdef');
  });

  it('asks for a replay when a frame is missing, and shows nothing out of place', () => {
    const page = new Page();
    const socket = page.attach();
    socket.output(0, 'abc');
    socket.output(10, 'xyz');
    expect(socket.of('replay')).toHaveLength(1);
    expect(page.screen.text).toBe('abc');
    socket.tell({ type: 'replay', output: 13, columns: 80, rows: 24 });
    socket.state('whole');
    expect(page.screen.text).toBe('whole');
  });

  it('tells the terminal which output was answered long ago', () => {
    const page = new Page();
    page.connection.start();
    page.welcome();
    page.socket.tell({ type: 'replay', output: 100, end: 110, columns: 80, rows: 24 });
    page.socket.state('state');
    page.socket.output(100, '0123456789');
    page.socket.output(110, 'live');
    expect(page.screen.repeated).toEqual(['state', '0123456789']);
  });

  it('takes the size of every replay and of every resize, in the order of the output', () => {
    const page = new Page();
    const socket = page.attach({ role: 'watcher' });
    socket.tell({ type: 'resize', columns: 100, rows: 30 });
    expect(page.screen.steps).toEqual(['resize 80x24', 'reset 80x24', 'resize 100x30']);
  });

  it('passes on the steps of a start, notices and gaps', () => {
    const page = new Page();
    page.connection.start();
    page.socket.open();
    page.socket.tell({ type: 'progress', step: 'image', state: 'failed', message: 'ErrImageNeverPull' });
    page.socket.tell({ type: 'notice', notice: 'idle-soon', message: 'soon' });
    page.socket.tell({ type: 'gap', from: 5, to: 9 });
    expect(page.progress[0]?.message).toBe('ErrImageNeverPull');
    expect(page.notices[0]?.notice).toBe('idle-soon');
    expect(page.gaps).toEqual([{ type: 'gap', from: 5, to: 9 }]);
  });

  it('stops, and says so, when the server talks nonsense', () => {
    const page = new Page();
    const socket = page.attach();
    socket.tell({ type: 'ack', input: -1 });
    expect(page.connection.state).toMatchObject({ kind: 'stopped', reason: 'malformed' });
    expect(socket.closed).toBe(true);
  });

  it('ignores message types of a newer version', () => {
    const page = new Page();
    const socket = page.attach();
    socket.tell({ type: 'weather', sunny: true } as never);
    expect(page.connection.state.kind).toBe('attached');
  });
});

describe('acknowledging', () => {
  it('waits for the screen, then acknowledges in large steps, and the rest a little later', async () => {
    const page = new Page();
    page.screen.quick = false;
    const socket = page.attach();
    const piece = new Uint8Array(10_000);
    for (let index = 0; index < 6; index++) socket.output(index * piece.length, piece);
    expect(socket.of('ack')).toEqual([]);
    page.screen.draw(5);
    expect(socket.of('ack')).toEqual([{ type: 'ack', output: Math.ceil(ACK_EVERY / 10_000) * 10_000 }]);
    page.screen.draw();
    expect(socket.of('ack')).toHaveLength(1);
    await page.clock.pass(ACK_WITHIN);
    expect(socket.of('ack').at(-1)).toEqual({ type: 'ack', output: 60_000 });
  });

  it('does not take the drawing of older output for the drawing of a replay', () => {
    const page = new Page();
    page.screen.quick = false;
    const socket = page.attach();
    socket.output(0, new Uint8Array(50_000));
    socket.tell({ type: 'replay', output: 10, columns: 80, rows: 24 });
    page.screen.draw();
    expect(socket.of('ack')).toEqual([]);
  });

  it('acknowledges on receipt in a hidden page, and draws when it is seen again', () => {
    const page = new Page();
    const socket = page.attach();
    page.connection.setHidden(true);
    socket.output(0, 'while ');
    socket.tell({ type: 'resize', columns: 90, rows: 20 });
    socket.output(6, 'away');
    expect(page.screen.text).toBe('');
    expect(socket.of('ack').at(-1)).toEqual({ type: 'ack', output: 10 });
    page.connection.setHidden(false);
    expect(page.screen.text).toBe('while away');
    expect(page.screen.steps.at(-1)).toBe('resize 90x20');
  });

  it('acknowledges what was not drawn yet when the page goes to the background', () => {
    const page = new Page();
    page.screen.quick = false;
    const socket = page.attach();
    socket.output(0, 'abc');
    page.connection.setHidden(true);
    expect(socket.of('ack')).toEqual([{ type: 'ack', output: 3 }]);
  });

  it('lets go of hidden output beyond 4 MiB, holds nothing back, and starts again from a replay when seen', () => {
    const page = new Page();
    const socket = page.attach();
    page.connection.setHidden(true);
    const piece = new Uint8Array(LIMITS.dataFrame);
    const pieces = PARKED_LIMIT / piece.length + 3;
    for (let index = 0; index < pieces; index++) socket.output(index * piece.length, piece);
    expect(socket.of('ack').at(-1)).toEqual({ type: 'ack', output: pieces * piece.length });
    expect(socket.of('replay')).toEqual([]);
    page.connection.setHidden(false);
    expect(socket.of('replay')).toHaveLength(1);
    socket.tell({ type: 'replay', output: pieces * piece.length, columns: 80, rows: 24 });
    socket.state('now');
    expect(page.screen.text).toBe('now');
  });

  it('asks for a replay in the next hello when hidden output was let go and the socket was lost', async () => {
    const page = new Page();
    const socket = page.attach();
    page.connection.setHidden(true);
    const piece = new Uint8Array(LIMITS.dataFrame);
    for (let index = 0; index * piece.length <= PARKED_LIMIT; index++) socket.output(index * piece.length, piece);
    await page.lose();
    page.socket.open();
    expect(page.socket.of('hello')[0]?.output).toBeNull();
  });
});

describe('typing', () => {
  it('sends again what the keeper did not get, and nothing that it got', async () => {
    const page = new Page();
    page.attach();
    page.type('abc');
    page.type('def');
    page.socket.tell({ type: 'ack', input: 2 });
    const second = await page.lose();
    page.type('ghi');
    expect(second.frames).toEqual([]);
    page.welcome({ input: 4 });
    expect(second.of('hello')[0]?.input).toBe(2);
    expect(second.typed).toBe('efghi');
    expect(second.frames[0]?.offset).toBe(4);
  });

  it('takes up the keeper’s numbering after a reload of the same tab', () => {
    const page = new Page();
    page.connection.start();
    page.type('typed early');
    page.welcome({ input: 5000 });
    expect(page.socket.frames[0]?.offset).toBe(5000);
    expect(page.socket.typed).toBe('typed early');
  });

  it('sends a large paste in frames, never more than the credit ahead, byte for byte', () => {
    const page = new Page();
    const socket = page.attach();
    const paste = Uint8Array.from({ length: 1_000_000 }, (_, index) => (index * 7) % 251);
    page.connection.type(paste);
    let acknowledged = 0;
    const sent = (): number => socket.frames.reduce((sum, { bytes }) => sum + bytes.length, 0);
    while (sent() < paste.length) {
      expect(sent() - acknowledged).toBe(LIMITS.inputWindow);
      acknowledged += 10_000;
      socket.tell({ type: 'ack', input: acknowledged });
    }
    expect(Buffer.from(socket.typed, 'latin1').equals(paste)).toBe(true);
  });

  it('refuses more than can be queued, and says so', () => {
    const page = new Page();
    page.attach();
    page.connection.type(new Uint8Array(INPUT_QUEUE_LIMIT + 1));
    expect(page.refused).toEqual(['full']);
  });

  it('lets Ctrl-C overtake what is queued', () => {
    const page = new Page();
    const socket = page.attach();
    page.connection.type(new Uint8Array(200_000));
    page.type('\u0003');
    expect(socket.of('interrupt')).toEqual([{ type: 'interrupt', input: LIMITS.inputWindow }]);
    socket.tell({ type: 'ack', input: LIMITS.inputWindow });
    page.type('ls\r');
    expect(socket.frames.at(-1)).toMatchObject({ offset: LIMITS.inputWindow });
    expect(socket.typed.endsWith('ls\r')).toBe(true);
    expect(socket.typed).toHaveLength(LIMITS.inputWindow + 3);
  });

  it('sends Ctrl-C as a plain byte when nothing is queued', () => {
    const page = new Page();
    const socket = page.attach();
    page.type('\u0003');
    expect(socket.of('interrupt')).toEqual([]);
    expect(socket.typed).toBe('\u0003');
  });

  it('repeats an interrupt that was lost with its socket', async () => {
    const page = new Page();
    page.attach();
    page.type('sleep 1000\r');
    page.type('\u0003');
    const second = await page.lose();
    page.welcome({ input: 3 });
    expect(second.of('interrupt')).toEqual([{ type: 'interrupt', input: 11 }]);
    expect(second.typed).toBe('');
  });

  it('drops what was typed while the socket was lost when Ctrl-C follows', async () => {
    const page = new Page();
    page.attach();
    page.type('a');
    await page.lose();
    page.type('rm everything\r');
    page.type('\u0003');
    page.welcome({ input: 0 });
    expect(page.socket.typed).toBe('a\u0003');
  });
});

describe('who types', () => {
  it('types nothing while watching, and says how to take over', () => {
    const page = new Page();
    const socket = page.attach({ role: 'watcher', viewers: 2 });
    page.type('x');
    expect(page.refused).toEqual(['watching']);
    page.connection.take();
    expect(socket.of('take')).toHaveLength(1);
    socket.tell({ type: 'role', role: 'writer', viewers: 2, input: 0 });
    page.type('y');
    expect(socket.typed).toBe('y');
  });

  it('gives its size to the terminal as soon as it types, not before', () => {
    const page = new Page();
    const socket = page.attach({ role: 'watcher', columns: 132, rows: 50 });
    page.connection.sizeChanged();
    expect(socket.of('resize')).toEqual([]);
    socket.tell({ type: 'role', role: 'writer', viewers: 2, input: 0 });
    expect(socket.of('resize')).toEqual([{ type: 'resize', columns: 80, rows: 24 }]);
    page.connection.sizeChanged();
    expect(socket.of('resize')).toHaveLength(1);
  });

  it('forgets what was not typed when somebody takes over, and does not ask to write after a loss', async () => {
    const page = new Page();
    const socket = page.attach();
    page.connection.type(new Uint8Array(100_000));
    socket.tell({ type: 'role', role: 'watcher', viewers: 2, input: 1000 });
    const second = await page.lose();
    page.welcome({ role: 'watcher', input: 1000 });
    expect(second.of('hello')[0]).toMatchObject({ write: false, input: 1000 });
    expect(second.frames).toEqual([]);
  });

  it('goes on typing where the keeper stands when it takes back', () => {
    const page = new Page();
    const socket = page.attach();
    page.type('abc');
    socket.tell({ type: 'role', role: 'watcher', viewers: 2, input: 2 });
    socket.tell({ type: 'role', role: 'writer', viewers: 2, input: 2 });
    page.type('d');
    expect(socket.frames.at(-1)?.offset).toBe(2);
  });

  it('goes on as another viewer, watching, when a duplicated tab took its place', async () => {
    const page = new Page();
    const socket = page.attach();
    page.type('mine');
    socket.output(0, 'abc');
    socket.drop(4409);
    await settle();
    page.welcome({ role: 'watcher', input: 0 });
    expect(page.socket.of('hello')[0]).toMatchObject({ viewer: 'viewer-1', write: false, output: 3, input: 0 });
    expect(page.socket.frames).toEqual([]);
  });
});
