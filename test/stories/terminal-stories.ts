import { createHash, randomBytes } from 'node:crypto';
import type { SessionView } from '../../service/protocol/api.js';
import { LIMITS } from '../../service/protocol/limits.js';
import { OLDEST_VERSION, PROTOCOL_VERSION } from '../../service/protocol/version.js';
import { ApiClient } from './api-client.js';
import type { Stage } from './stage.js';
import { until } from './until.js';
import { Viewer, type ViewerProps } from './viewer.js';

const MIB = 1024 * 1024;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The lines 1 to `last`, as `seq` prints them: output whose every byte is known beforehand. */
function seq(last: number): string {
  return Array.from({ length: last }, (_, index) => `${index + 1}\n`).join('');
}

/** The stories of a terminal that survives anything. They run unchanged on the pocket cluster and on a real one. */
export function terminalStories(theStage: () => Stage): void {
  let stage: Stage;
  let alice: ApiClient;
  let session: SessionView;
  const viewers: Viewer[] = [];

  const look = async (props: ViewerProps = {}, id = session.id): Promise<Viewer> => {
    const viewer = await Viewer.attach(alice, id, props);
    viewers.push(viewer);
    return viewer;
  };

  /** A viewer at a quiet prompt that cannot be mistaken for output. */
  const work = async (props: ViewerProps = {}): Promise<Viewer> => {
    const viewer = await look(props);
    await viewer.run("PS1='ready''> '", /ready> /);
    return viewer;
  };

  beforeEach(async () => {
    stage = theStage();
    alice = await ApiClient.login(stage.urls[0]!, stage.tokens.alice);
    session = await alice.newSession();
  });

  afterEach(async () => {
    await Promise.all(viewers.splice(0).map((viewer) => viewer.leave()));
    const left = await alice.sessions();
    await Promise.all(left.map((each) => alice.end(each.id)));
    await until('every sandbox to be gone', async () => (await stage.sandboxes()).length === 0);
  });

  test('a new session is a Pod with a shell: what is typed is answered, and the start is told step by step', async () => {
    const stepsOf = ({ messages }: Viewer): string[] =>
      messages.flatMap((message) => (message.type === 'progress' ? [message.step] : []));
    let viewer = await look();
    // A start can be over before anybody looks.
    for (let again = 0; again < 10 && stepsOf(viewer).length === 0; again += 1) {
      await alice.end(session.id);
      session = await alice.newSession();
      viewer = await look();
    }
    expect(stepsOf(viewer)).toEqual(expect.arrayContaining(['scheduled', 'ready']));
    await viewer.run('echo $((6*7))', /42/);
    await until('one Pod to be left', async () => (await stage.sandboxes()).join() === session.id);
    expect((await alice.session(session.id)).body).toMatchObject({ phase: 'running', profile: 'small' });
  });

  test('the shell starts at the size of its first viewer and follows the writer', async () => {
    const viewer = await look({ columns: 97, rows: 31 });
    await viewer.run('stty size', /31 97/);
    viewer.say({ type: 'resize', columns: 64, rows: 20 });
    await viewer.got('resize');
    await viewer.run('stty size', /20 64/);
  });

  test('one viewer types and the others watch, until one takes over', async () => {
    const first = await work();
    const second = await look();
    expect([first.role, second.role]).toEqual(['writer', 'watcher']);
    second.say({ type: 'take' });
    await until('the roles to change', () => first.role === 'watcher' && second.role === 'writer');
    await second.run('echo from-the-second', /from-the-second\r?\n/);
    await first.sees(/from-the-second\r?\n/);
  });

  test('a new tab sees the screen as it is, and a lost viewer resumes at its byte', async () => {
    const viewer = await work();
    await viewer.run('echo first; sleep 0.1; echo second', /second\r?\n/);
    const other = await look({ write: false });
    await other.sees(/first[^]*second/);
    viewer.drop();
    await viewer.run('echo third', /third\r?\n/);
    expect(viewer.messages.filter((message) => message.type === 'replay')).toHaveLength(1);
  });

  test('a way to the sandbox that breaks, on either side of the API server, is a loss and no end: the same shell goes on', async () => {
    const viewer = await work();
    const shell = await viewer.run('echo shell $$', /shell \d+/);
    for (let cut = 0; cut < 4; cut += 1) {
      const attached = (): number => viewer.messages.filter((message) => message.type === 'hello').length;
      const before = attached();
      if ((await stage.cutStreams(session.id)) === 0) viewer.drop();
      await until('the viewer to be attached anew', () => attached() > before);
    }
    expect(await viewer.run('echo shell $$', /shell \d+/)).toBe(shell);
    expect(viewer.messages.filter((message) => message.type === 'exit' || message.type === 'gap')).toEqual([]);
  });

  test('the shell exits: viewers read how, the Pod goes, and the reason stays readable', async () => {
    const viewer = await work();
    viewer.type('exit 7\r');
    expect(await viewer.got('exit')).toMatchObject({ reason: 'exited', code: 7 });
    expect(await viewer.closed()).toBe(4410);
    const answer = await until('the session to be ended', async () => {
      const { status, body } = await alice.session(session.id);
      return status === 410 || body.phase === 'ended' ? { status, body } : undefined;
    });
    expect(JSON.stringify(answer.body)).toMatch(/7/);
  });

  test('End deletes the Pod and its processes, and tells every viewer', async () => {
    const [viewer, other] = [await work(), await look({ write: false })];
    expect((await alice.end(session.id)).status).toBe(204);
    expect(await Promise.all([viewer.closed(), other.closed()])).toEqual([4410, 4410]);
    expect(await viewer.got('exit')).toMatchObject({ reason: 'ended' });
    await until('the Pod to be gone', async () => (await stage.sandboxes()).length === 0);
    await until('its processes to be gone', async () => (await stage.processes(session.id)).length === 0);
  });

  test('a Pod deleted behind the bridge’s back ends the session truthfully', async () => {
    const viewer = await work();
    await stage.deletePod(session.id);
    expect(await viewer.closed()).toBe(4410);
    await until('the list to say so', async () => (await alice.sessions()).every((each) => each.phase !== 'running'));
  });

  test('after 200 random losses of either socket during 10 MB both ways, both streams are whole and nothing is typed twice', async () => {
    const size = 10 * MIB;
    const [input, lines] = [randomBytes(size), 1_500_000];
    const viewer = await work();
    const start = viewer.offset;
    const both = `(head -c ${size} < /dev/tty | sha256sum > ~/sum) & seq 1 ${lines}; wait`;
    viewer.type(`stty raw -echo; echo STA''RT; sh -c '${both}'; stty sane; echo "SUM $(cat ~/sum)"\r`);
    await viewer.sees(/START/);
    viewer.type(input);
    for (let loss = 0; loss < 200; loss += 1) {
      const before = viewer.offset;
      const attempts = viewer.attempts;
      if (loss % 4 === 3) {
        // A stream that is cut before the viewer's own is open would not be its loss.
        await until('the viewer to be attached', () => viewer.isAttached);
        expect(await stage.cutStreams(session.id)).toBeGreaterThan(0);
      } else viewer.drop();
      await until('the viewer to come back', () => viewer.attempts > attempts);
      // Lets a random, mostly small, amount through before the next loss.
      const goal = before + Math.floor(Math.random() * 60_000);
      await until('some progress', () => viewer.offset >= goal || viewer.offset - start > 10 * MIB, 5_000).catch(
        () => undefined,
      );
    }
    const sum = await viewer.sees(/SUM [0-9a-f]{64}/);
    expect(sum).toBe(`SUM ${sha256(input)}`);
    const expected = Buffer.from(seq(lines));
    const from = beginning(viewer);
    expect(sha256(viewer.bytes.subarray(from, from + expected.length))).toBe(sha256(expected));
    expect(viewer.attempts).toBeGreaterThan(150);
  }, 600_000);

  test('a writer gone longer than `hold`: the program goes on, and the next viewer is told exactly what is missing', async () => {
    await stage.addProfile('short-hold', { KEEPER_HOLD_SECONDS: '1' });
    session = await alice.newSession({ profile: 'short-hold' });
    const viewer = await work({ reconnect: false });
    viewer.type(`stty -opost; echo STA''RT; seq 1 2000000; echo FI''N\r`);
    await viewer.sees(/START\n1\n2\n3\n/);
    const lost = viewer.offset;
    const origin = lost - (viewer.bytes.length - beginning(viewer));
    viewer.drop();
    const witness = await look({ write: false });
    await witness.sees(/FIN/);
    const gap = await (await look({ output: lost, write: false })).got('gap');
    expect(gap.from).toBe(lost);
    // Exact means: the first byte that is not missing can be had, and everything after it.
    const back = await look({ output: gap.to });
    await back.sees(/FIN/);
    expect(back.offset - back.bytes.length).toBe(gap.to);
    const expected = Buffer.from(`${seq(2_000_000)}FIN`).subarray(gap.to - origin);
    expect(sha256(back.bytes.subarray(0, expected.length))).toBe(sha256(expected));
  }, 120_000);

  test('`yes` floods: after Ctrl-C at most 1 MiB more arrives before the prompt', async () => {
    const viewer = await work();
    viewer.type('yes\r');
    await until('a flood', () => viewer.bytes.length > 8 * MIB);
    const before = viewer.offset;
    viewer.type('\x03');
    await viewer.sees(/\^C[^]*ready> $/);
    expect(viewer.offset - before).toBeLessThanOrEqual(MIB);
  });

  test('a viewer that reads nothing stops the flood: never more than 1 MiB is read and not delivered', async () => {
    const viewer = await work();
    viewer.acknowledge = false;
    viewer.type('yes\r');
    await until('the window to be full', () => viewer.offset > LIMITS.outputWindow / 2);
    expect(await stage.metric('berth_undelivered_bytes')).toBeLessThanOrEqual(MIB);
    expect(viewer.offset).toBeLessThanOrEqual(MIB);
    viewer.catchUp();
    viewer.type('\x03');
    await viewer.sees(/\^C[^]*ready> $/);
  });

  test('a 4 MiB paste into a raw-mode program arrives byte for byte', async () => {
    const paste = randomBytes(4 * MIB);
    const viewer = await work();
    viewer.type(`stty raw -echo; echo STA''RT; head -c ${paste.length} | sha256sum; stty sane\r`);
    await viewer.sees(/START/);
    viewer.type(paste);
    await viewer.sees(new RegExp(sha256(paste)));
  }, 120_000);

  test('characters of several bytes stay whole however the stream is cut', async () => {
    const viewer = await work();
    viewer.type(`for i in $(seq 1 20000); do printf '€😀한글é'; done; echo FI''N\r`);
    await viewer.sees(/FIN/);
    const text = viewer.bytes.toString('utf8');
    expect(text).not.toContain('\uFFFD');
    expect(text.match(/€😀한글é/gu)?.length).toBeGreaterThanOrEqual(20_000);
  });

  test('kill -9 of the bridge in the middle of a flood: another one continues the same shell, and no byte is lost', async () => {
    const viewer = await work();
    await viewer.run('echo shell $$', /shell \d+/);
    const pid = /shell (\d+)/.exec(viewer.bytes.toString())?.[1];
    viewer.type(`stty -opost; echo STA''RT; seq 1 1000000\r`);
    await viewer.sees(/\n1000\n/);
    await stage.crashBridge();
    await viewer.sees(/\n1000000\n/);
    const expected = Buffer.from(seq(1_000_000));
    const from = beginning(viewer);
    expect(sha256(viewer.bytes.subarray(from, from + expected.length))).toBe(sha256(expected));
    await viewer.run('echo shell $$', new RegExp(`shell ${String(pid)}`));
  }, 120_000);

  test('any replica serves any session', async () => {
    const viewer = await work();
    await viewer.run('echo made here', /made here\r?\n/);
    for (const url of stage.urls) {
      const there = await Viewer.attach(alice.at(url), session.id, { write: false });
      viewers.push(there);
      await there.sees(/made here/);
      const answer = await until('the other replica to know it', async () => {
        const found = await alice.at(url).session(session.id);
        return found.status === 200 ? found : undefined;
      });
      expect(answer.body.phase).toBe('running');
    }
  });

  test('100 viewers that vanish without a word leave no process behind', async () => {
    const viewer = await work();
    const quiet = (await stage.processes(session.id)).length;
    for (let round = 0; round < 20; round += 1) {
      const crowd = await Promise.all(Array.from({ length: 5 }, () => look({ write: false, reconnect: false })));
      crowd.forEach((each) => each.drop());
      await until('the viewers to be gone', async () => (await stage.metric('berth_viewers')) <= 1);
    }
    await until('the processes to be gone', async () => (await stage.processes(session.id)).length <= quiet);
    await viewer.run('echo still here', /still here\r?\n/);
  }, 180_000);

  test('a page one version ahead is answered in the version that both speak; one too old is told to reload', async () => {
    const ahead = await look({ version: PROTOCOL_VERSION + 1 });
    expect((await ahead.got('hello')).version).toBe(PROTOCOL_VERSION);
    await ahead.run('echo both speak it', /both speak it\r?\n/);
    const ancient = new Viewer(alice, session.id, { version: OLDEST_VERSION - 1 });
    viewers.push(ancient);
    expect(await ancient.closed()).toBe(4426);
  });

  test('another user neither sees nor opens the session', async () => {
    const bob = await ApiClient.login(stage.urls[0]!, stage.tokens.bob);
    expect(await bob.sessions()).toEqual([]);
    expect((await bob.session(session.id)).status).toBe(404);
    expect((await bob.end(session.id)).status).toBe(404);
    const spy = new Viewer(bob, session.id, { reconnect: false });
    await until('the door to stay shut', () => spy.closeCode !== undefined);
    expect(spy.messages).toEqual([]);
  });
}

/** Where, in the bytes that a viewer has, the known output begins: after the line that says START. */
function beginning(viewer: Viewer): number {
  return viewer.bytes.indexOf('\n', viewer.bytes.indexOf('START')) + 1;
}
