import { RECONNECT_CAP } from '../../service/client/connection/reconnect-delay.js';
import { DEAD_AFTER } from '../../service/client/connection/heartbeat.js';
import { Page } from './page.js';

/** The waits, in milliseconds, that the page announced. */
function waits(page: Page, since: number): number[] {
  return page.states.filter((state) => state.kind === 'waiting').map(({ until }) => until - since);
}

describe('after a loss', () => {
  it.each([1006, 1011, 4999])('opens another socket at once after %i, and asks only when that fails', async (code) => {
    const page = new Page();
    page.attach();
    await page.clock.pass(2_000);
    const now = page.clock.now();
    page.socket.drop(code);
    expect(page.network.sockets).toHaveLength(2);
    expect(page.probes).toBe(0);
    page.socket.drop(1006);
    expect(waits(page, now)).toEqual([0]);
    await page.clock.pass(0);
    expect(page.probes).toBe(1);
    expect(page.network.sockets).toHaveLength(3);
  });

  it.each([1001, 1012, 1013, 4408])('waits a random while before the first try after %i', async (code) => {
    const page = new Page();
    page.attach();
    await page.clock.pass(2_000);
    const now = page.clock.now();
    page.socket.drop(code);
    expect(waits(page, now)[0]).toBeGreaterThan(0);
    await page.clock.pass(0);
    expect(page.network.sockets).toHaveLength(1);
  });

  it('waits longer and longer between tries, up to a cap, while nobody answers', async () => {
    const page = new Page();
    page.clock.chance = 0.999;
    page.attach();
    await page.clock.pass(2_000);
    page.probe = () => Promise.resolve({ kind: 'unreachable' });
    page.socket.drop();
    await page.clock.pass(60_000);
    const bounds = page.states.filter((state) => state.kind === 'waiting').map(({ attempt }) => attempt);
    expect(bounds.slice(0, 6)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(page.probes).toBeGreaterThan(60_000 / RECONNECT_CAP);
    expect(page.probes).toBeLessThan(15);
  });

  it('does not spin when a socket is opened and lost again and again', async () => {
    const page = new Page();
    page.attach();
    await page.clock.pass(2_000);
    page.socket.drop();
    for (let round = 0; round < 6; round++) {
      await page.clock.pass(10_000);
      page.welcome();
      page.socket.drop();
    }
    expect(page.states.filter((state) => state.kind === 'waiting').at(-1)?.attempt).toBeGreaterThanOrEqual(5);
  });

  it('tries at once again after a connection that lasted', async () => {
    const page = new Page();
    page.attach();
    await page.lose();
    page.welcome();
    await page.clock.pass(5_000);
    page.socket.drop();
    expect(page.states.at(-1)).toEqual({ kind: 'attaching', again: true });
  });

  it('tries now when the page is seen again, the network is back or somebody asks', async () => {
    const page = new Page();
    page.attach();
    await page.clock.pass(2_000);
    page.socket.drop(1012);
    expect(page.network.sockets).toHaveLength(1);
    page.connection.check();
    await page.clock.pass(0);
    expect(page.network.sockets).toHaveLength(2);
  });

  it.each([
    ['login', 'You are no longer logged in.'],
    ['gone', 'This session does not exist any more.'],
    ['forbidden', 'Not yours.'],
  ] as const)('stops when the bridge says %s', async (reason, message) => {
    const page = new Page();
    page.attach();
    page.probe = () => Promise.resolve({ kind: 'stop', reason, message });
    page.socket.drop();
    await page.clock.pass(60_000);
    expect(page.states.at(-1)).toEqual({ kind: 'stopped', reason, message, exit: undefined });
    expect(page.network.sockets).toHaveLength(1);
  });

  it.each([
    [4401, 'login'],
    [4403, 'forbidden'],
    [4404, 'gone'],
    [4410, 'ended'],
    [4426, 'version'],
    [4400, 'malformed'],
    [1009, 'malformed'],
  ])('stops on close code %i without asking: %s', async (code, reason) => {
    const page = new Page();
    page.attach();
    page.socket.drop(code);
    await page.clock.pass(60_000);
    expect(page.connection.state).toMatchObject({ kind: 'stopped', reason });
    expect(page.probes).toBe(0);
  });

  it('says why the session ended', () => {
    const page = new Page();
    const socket = page.attach();
    const exit = { type: 'exit', reason: 'exited', message: 'The shell exited.', code: 3 } as const;
    socket.tell(exit);
    socket.drop(4410);
    expect(page.connection.state).toEqual({ kind: 'stopped', reason: 'ended', message: exit.message, exit });
  });

  it('says what the bridge said last', () => {
    const page = new Page();
    const socket = page.attach();
    socket.tell({ type: 'goaway', code: 4403, message: 'The limit is 8 viewers for each session.' });
    socket.drop(4403);
    expect(page.connection.state).toMatchObject({ message: 'The limit is 8 viewers for each session.' });
  });

  it('ignores what an abandoned socket still says', async () => {
    const page = new Page();
    const first = page.attach();
    const second = await page.lose();
    page.welcome();
    first.output(0, 'ghost');
    first.drop(4410);
    second.output(0, 'alive');
    expect(page.screen.text).toBe('alive');
    expect(page.connection.state.kind).toBe('attached');
  });

  it('never comes back after it left', async () => {
    const page = new Page();
    const socket = page.attach();
    page.connection.leave();
    expect(socket.closed).toBe(true);
    page.connection.check();
    await page.clock.pass(60_000);
    expect(page.network.sockets).toHaveLength(1);
  });
});

describe('the heartbeat', () => {
  it('measures the lag to the keeper and back', async () => {
    const page = new Page();
    const socket = page.attach();
    await page.clock.pass(40);
    socket.tell({ type: 'pong', from: 'viewer', id: socket.of('ping').at(-1)!.id });
    expect(page.lags).toEqual([40]);
  });

  it('gives a silent socket up, and opens another', async () => {
    const page = new Page();
    const socket = page.attach();
    await page.clock.pass(DEAD_AFTER + 5_000);
    expect(socket.closed).toBe(true);
    expect(page.network.sockets.length).toBeGreaterThan(1);
  });

  it('does not give up a socket that says anything at all', async () => {
    const page = new Page();
    const socket = page.attach();
    for (let index = 0; index < 10; index++) {
      await page.clock.pass(10_000);
      socket.output(index, 'x');
    }
    expect(socket.closed).toBe(false);
  });

  it('gives a socket up that falls silent before the keeper’s hello, at the latest when somebody looks', async () => {
    const page = new Page();
    page.connection.start();
    const { socket } = page;
    socket.open();
    await page.clock.pass(1_000);
    socket.tell({ type: 'pong', from: 'viewer', id: 1 });
    expect(page.lags).toEqual([]);
    await page.clock.pass(60_000);
    expect(socket.closed).toBe(true);
    expect(page.network.sockets.length).toBeGreaterThan(1);
  });

  it('waits for a slow start as long as the bridge answers', async () => {
    const page = new Page();
    page.connection.start();
    const { socket } = page;
    socket.open();
    for (let beat = 1; beat <= 60; beat += 1) {
      await page.clock.pass(5_000);
      const ping = socket.of('ping').at(-1);
      if (ping) socket.tell({ type: 'pong', from: 'viewer', id: ping.id });
    }
    expect(socket.closed).toBe(false);
    expect(page.network.sockets).toHaveLength(1);
  });

  it('gives a socket up that never opens', async () => {
    const page = new Page();
    page.connection.start();
    await page.clock.pass(20_000);
    expect(page.network.sockets.length).toBeGreaterThan(1);
  });
});
