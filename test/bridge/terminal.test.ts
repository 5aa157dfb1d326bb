import type { SessionView } from '../../service/protocol/api.js';
import type { ApiClient } from '../stories/api-client.js';
import { until } from '../stories/until.js';
import { Viewer, type ViewerProps } from '../stories/viewer.js';
import { BridgeBed, IMAGE, NAMESPACE } from './bridge-bed.js';

describe('the terminal edge', () => {
  let bed: BridgeBed;
  let alice: ApiClient;
  let session: SessionView;
  const viewers: Viewer[] = [];

  beforeAll(async () => {
    bed = await BridgeBed.start({
      options: { times: { tick: 50, heartbeat: 200, silence: 1_500, stall: 1_000, firstMessage: 800 } },
      bridge: { sessionsPerUser: 100 },
    });
    alice = await bed.api();
  });
  afterAll(() => bed.stop());
  beforeEach(async () => {
    session = await alice.newSession();
  });
  afterEach(async () => {
    await Promise.all(viewers.splice(0).map((viewer) => viewer.leave()));
    await alice.end(session.id);
  });

  const look = async (props: ViewerProps = {}): Promise<Viewer> => {
    const viewer = await Viewer.attach(alice, session.id, { reconnect: false, ...props });
    viewers.push(viewer);
    return viewer;
  };
  /** A socket that says nothing by itself. */
  const knock = (id = session.id): Promise<{ socket: Viewer; code: Promise<number> }> => {
    const socket = new Viewer(alice, id, { reconnect: false });
    viewers.push(socket);
    return Promise.resolve({ socket, code: socket.closed() });
  };

  test('a socket opened before the sandbox is Ready hears of every step, then of the keeper', async () => {
    bed.pocket.faults.slowStart(300);
    session = await alice.newSession();
    const viewer = await look();
    bed.pocket.faults.slowStart(0);
    const steps = viewer.messages.flatMap((message) =>
      message.type === 'progress' ? [`${message.step} ${message.state}`] : [],
    );
    expect(steps).toEqual(expect.arrayContaining(['created done', 'scheduled done', 'ready waiting', 'ready done']));
    await viewer.run('hello', /hello/);
  });

  test('an image that is not on the node: the viewer is told its name and how to bring it back, and then it starts', async () => {
    bed.pocket.removeImage(IMAGE);
    session = await alice.newSession();
    const socket = new Viewer(alice, session.id, { reconnect: false });
    viewers.push(socket);
    const failed = await until('the failure', () =>
      socket.messages.find((message) => message.type === 'progress' && message.state === 'failed'),
    );
    expect(failed).toMatchObject({ step: 'image' });
    expect(JSON.stringify(failed)).toContain(IMAGE);
    expect(JSON.stringify(failed)).toContain('npm run images');
    expect((await alice.session(session.id)).body.message).toContain(IMAGE);
    bed.pocket.addImage(IMAGE, bed.image);
    await socket.got('hello');
  });

  test('the keeper’s answers to the bridge’s own heartbeat stay in the bridge', async () => {
    const viewer = await look();
    viewer.say({ type: 'ping', from: 'viewer', id: 7 });
    expect(await viewer.got('pong')).toEqual({ type: 'pong', from: 'viewer', id: 7 });
    await until('the keeper to have been asked', () => {
      viewer.type('!pings');
      return /pings [1-9]/.test(viewer.bytes.toString());
    });
    expect(viewer.messages.filter((message) => message.type === 'pong')).toHaveLength(1);
  });

  test('a keeper that falls silent is given up with 1011, so that the page comes back at once', async () => {
    const viewer = await look();
    viewer.type('!silence');
    expect(await viewer.closed()).toBe(1011);
  });

  test('a stream that breaks without a word closes the viewer with 1011; the session goes on', async () => {
    const viewer = await look();
    bed.pocket.faults.killStreams(NAMESPACE, `claudecode-sandbox-${session.id}`);
    expect(await viewer.closed()).toBe(1011);
    expect((await alice.session(session.id)).body.phase).toBe('running');
    await (await look()).run('again', /again/);
  });

  test('a keeper that breaks the protocol is cut off with 1011', async () => {
    const viewer = await look();
    viewer.type('!garbage');
    expect(await viewer.closed()).toBe(1011);
  });

  test('an attachment that ends while the session lives is 1011', async () => {
    const viewer = await look();
    viewer.type('!hang-up');
    expect(await viewer.closed()).toBe(1011);
  });

  test('the keeper’s goaway is passed on, and the socket closes with its code', async () => {
    const viewer = await look();
    viewer.type('!goaway 4409');
    expect(await viewer.closed()).toBe(4409);
    expect(await viewer.got('goaway')).toMatchObject({ code: 4409 });
  });

  test('the shell exits: the viewer reads the code, the socket closes with 4410', async () => {
    const viewer = await look();
    viewer.type('!exit 7');
    expect(await viewer.closed()).toBe(4410);
    expect(viewer.messages.filter((message) => message.type === 'exit')).toMatchObject([{ reason: 'exited', code: 7 }]);
    await until('the session to be ended', async () => (await alice.session(session.id)).body.phase === 'ended');
    expect((await alice.session(session.id)).body).toMatchObject({ endReason: 'exited', message: 'told: exited' });
  });

  test('a keeper that dies without a word: the bridge asks the Pod and says so', async () => {
    const viewer = await look();
    viewer.type('!crash 3');
    expect(await viewer.closed()).toBe(4410);
    expect(await viewer.got('exit')).toMatchObject({ reason: 'failed', code: 3 });
  });

  test.each([
    ['outOfMemory', 'out-of-memory'],
    ['evict', 'evicted'],
  ] as const)('%s: every viewer is told the reason', async (fault, reason) => {
    const viewer = await look();
    bed.pocket.faults[fault](NAMESPACE, `claudecode-sandbox-${session.id}`);
    expect(await viewer.closed()).toBe(4410);
    expect(await viewer.got('exit')).toMatchObject({ reason });
  });

  test('a node that stops answering is a notice, not an end; so is its return', async () => {
    const viewer = await look();
    bed.pocket.faults.loseNode();
    const { notice, message } = await viewer.got('notice');
    expect(notice).toBe('node-lost');
    expect(message).toMatch(/^Node \S+ does not answer since \S+ \S+ UTC\. The session waits for it\.$/);
    expect((await alice.session(session.id)).body).toMatchObject({ phase: 'lost', message });
    bed.pocket.faults.returnNode();
    await until('the session to run again', async () => (await alice.session(session.id)).body.phase === 'running');
    await (await look()).run('back', /back/);
  });

  test('a session that the cluster gives up stays lost, and ends when its node returns: no sooner, and truthfully', async () => {
    const viewer = await look();
    bed.pocket.faults.loseNode(true);
    await until('the loss to be told', () =>
      viewer.messages.some((message) => message.type === 'notice' && message.message.includes('has been given up')),
    );
    expect((await alice.session(session.id)).body.phase).toBe('lost');
    bed.pocket.faults.returnNode();
    expect(await viewer.closed()).toBe(4410);
    expect(await viewer.got('exit')).toMatchObject({ reason: 'lost' });
  });

  test('End tells the viewers of every replica', async () => {
    const other = await bed.addBridge();
    const [here, there] = [await look(), await Viewer.attach(alice.at(other.url), session.id, { reconnect: false })];
    viewers.push(there);
    await alice.end(session.id);
    expect([await here.closed(), await there.closed()]).toEqual([4410, 4410]);
    expect([await here.got('exit'), await there.got('exit')]).toMatchObject([{ reason: 'ended' }, { reason: 'ended' }]);
    await until('both replicas to answer 410', async () => {
      const answers = await Promise.all([alice.session(session.id), alice.at(other.url).session(session.id)]);
      return answers.every(({ body }) => body.code === 'session-ended');
    });
  });

  test('a viewer that does not read stops the exec: what waits for it stays bounded, and in the end it is 4408', async () => {
    const viewer = await look();
    const raw = (viewer as unknown as { socket: { pause(): void; resume(): void } }).socket;
    raw.pause();
    viewer.type('!flood 200000000');
    await until('something to wait', async () => (await bed.metric('berth_undelivered_bytes')) > 256 * 1024);
    expect(await bed.metric('berth_undelivered_bytes_peak')).toBeLessThan(1024 * 1024);
    await until('the viewer to be let go', async () => (await bed.metric('berth_viewers')) === 0);
    expect(await bed.metric('berth_undelivered_bytes')).toBe(0);
    viewer.drop();
  });

  test.each([
    ['junk', 'not JSON'],
    ['[]', 'not a JSON object'],
    ['{"type":"ack"}', 'bad output'],
    ['{"type":"ping","from":"bridge","id":1}', 'must be viewer'],
  ])('%s is 4400 with the reason', async (text, reason) => {
    const viewer = await look();
    viewer.sendRaw(text);
    expect(await viewer.closed()).toBe(4400);
    expect(await viewer.got('goaway').catch(() => viewer.messages.at(-1))).toMatchObject({ type: 'goaway' });
    expect(JSON.stringify(viewer.messages.at(-1))).toContain(reason);
  });

  test('a data frame that is none is 4400, an oversized message 1009, an unknown type is ignored', async () => {
    const viewer = await look();
    viewer.sendRaw('{"type":"from-the-future"}');
    await viewer.run('fine', /fine/);
    viewer.sendRaw(new Uint8Array(3));
    expect(await viewer.closed()).toBe(4400);
    const big = await look();
    big.sendRaw(new Uint8Array(64 * 1024 + 1));
    expect(await big.closed()).toBe(1009);
  });

  test('one viewer more than the limit is told to come back, without a look at the cluster, and then finds a place', async () => {
    // The kubelet reads the delay when it starts a Pod: this session's own must be past that.
    await (await look()).leave();
    bed.pocket.faults.slowStart(60_000);
    const starting = await alice.newSession();
    const waiting = [1, 2, 3, 4].map(() => new Viewer(alice, starting.id, { reconnect: false }));
    viewers.push(...waiting);
    await Promise.all(waiting.map((viewer) => viewer.got('progress')));
    const { socket, code } = await knock(starting.id);
    expect(await code).toBe(1013);
    const message = '4 viewers, the limit, watch this session already. This one waits for a place.';
    expect(socket.messages).toEqual([
      { type: 'notice', notice: 'waiting', message },
      { type: 'goaway', code: 1013, message },
    ]);
    bed.pocket.faults.slowStart(0);
    await alice.end(starting.id);

    const others = [await look(), await look(), await look(), await look()];
    const patient = new Viewer(alice, session.id);
    viewers.push(patient);
    await until('a refusal', () => patient.closeCode === 1013);
    await others[0]?.leave();
    await patient.got('hello');
  });
});
