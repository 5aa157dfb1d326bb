import { createHash, randomBytes } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { Exec } from '@kubernetes/client-node';
import { ExecClient, type ExecProps, type RefusedUpgrade, V4, V5 } from './exec-client.js';
import { eventually, Laboratory, NAMESPACE } from './laboratory.js';

let lab: Laboratory;
beforeAll(async () => {
  lab = await Laboratory.open();
  await lab.run(
    'a',
    { volumeMounts: [{ name: 'work', mountPath: '/work' }] },
    { volumes: [{ name: 'work', emptyDir: {} }] },
  );
});
afterAll(async () => lab.close());

const open = (command: readonly string[], props: Partial<ExecProps> = {}, pod = 'a'): Promise<ExecClient> =>
  ExecClient.open(lab.config, pod, { command, ...props });
const sh = (script: string, props: Partial<ExecProps> = {}): Promise<ExecClient> => open(['sh', '-c', script], props);
/** What refused the upgrade. */
const refused = async (attempt: Promise<ExecClient>): Promise<RefusedUpgrade> =>
  attempt.then(
    () => {
      throw new Error('it was not refused');
    },
    (error: unknown) => error as RefusedUpgrade,
  );
const alive = async (marker: string): Promise<boolean> => {
  const rows = await lab.cluster.processes();
  const lines = await Promise.all(rows.map(({ pid }) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.some((line) => line.includes(marker));
};
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

test.each([V5, V4])(
  '%s: output comes on its channel, an empty frame first, the Status once and last, then 1000',
  async (protocol) => {
    const exec = await sh('printf out; printf err >&2; exit 3', { protocols: [protocol], stdin: false });
    expect(await exec.closed).toBe(1000);
    expect(exec.socket.protocol).toBe(protocol);
    expect([exec.stdout, exec.stderr, exec.exitCode]).toEqual(['out', 'err', 3]);
    expect(exec.frames[0]).toEqual({ channel: 1, size: 0 });
    expect(exec.frames.filter((frame) => frame.channel === 3)).toHaveLength(1);
    expect(exec.frames.at(-1)?.channel).toBe(3);
    expect(exec.status).toMatchObject({ status: 'Failure', reason: 'NonZeroExitCode' });
  },
);

test('v5 is chosen over v4 whatever the order, and without either there is no upgrade', async () => {
  const exec = await sh('exit 0', { protocols: [V4, V5] });
  expect(exec.socket.protocol).toBe(V5);
  await exec.closed;
  expect(exec.status).toEqual({ metadata: {}, status: 'Success' });
  expect(await refused(open(['true'], { protocols: ['channel.k8s.io'] }))).toMatchObject({ code: 400 });
});

test('a program that a signal ends has the exit code of a shell', async () => {
  const exec = await sh('kill -9 $$');
  await exec.closed;
  expect(exec.exitCode).toBe(137);
});

test('v5 can end stdin and still read what comes of it', async () => {
  const exec = await sh('cat; printf " after"');
  exec.write('before');
  exec.endInput();
  await exec.closed;
  expect(exec.stdout).toBe('before after');
});

test('a CLOSE that is not two bytes ends the connection without a Status', async () => {
  const exec = await open(['cat']);
  exec.socket.send(Buffer.from([255]));
  await exec.closed;
  expect(exec.status).toBeUndefined();
});

test('input that is sent before the program has started is not lost, nor its order', async () => {
  const exec = await open(['cat']);
  for (let part = 0; part < 100; part += 1) exec.write(`${part},`);
  exec.endInput();
  await exec.closed;
  expect(exec.stdout).toBe(Array.from({ length: 100 }, (_, part) => `${part},`).join(''));
});

test('20 MiB go through cat unchanged, in frames of at most 32 KiB', async () => {
  const sent = randomBytes(20 * 2 ** 20);
  const exec = await open(['cat']);
  for (let start = 0; start < sent.length; start += 30_000) exec.write(sent.subarray(start, start + 30_000));
  exec.endInput();
  await exec.closed;
  expect(exec.exitCode).toBe(0);
  expect(sha256(Buffer.concat(exec.out))).toBe(sha256(sent));
  expect(Math.max(...exec.frames.map((frame) => frame.size))).toBeLessThanOrEqual(32 * 1024);
});

test('a client that does not read stops the program, and loses nothing when it reads on', async () => {
  const size = 64 * 2 ** 20;
  const exec = await open(['sh', '-c', `head -c ${size} /dev/zero; echo done >&2`]);
  exec.socket.pause();
  const pipe = async (): Promise<string> => {
    const row = (await lab.cluster.processes()).find(({ command }) => command === 'head');
    return row === undefined ? '' : readFile(`/proc/${row.pid}/io`, 'utf8').catch(() => '');
  };
  // It comes to a halt: two looks a while apart show the same counters, and far less than all was written.
  let before = 'none';
  await eventually(async () => {
    const now = await pipe();
    const halted = now !== '' && now === before;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 200));
    return halted;
  });
  expect(Number(/^wchar: (\d+)/m.exec(before)?.[1])).toBeLessThan(size / 2);
  exec.socket.resume();
  await exec.closed;
  expect(exec.bytes).toBe(size);
  expect(exec.exitCode).toBe(0);
});

test('a program that does not read stops the client, instead of being queued for without bound', async () => {
  const exec = await sh('read go; exec wc -c');
  exec.write('go');
  const piece = Buffer.alloc(32 * 1024, 'x');
  for (let count = 0; count < 1024; count += 1) exec.write(piece);
  let waiting = -1;
  await eventually(async () => {
    const before = waiting;
    waiting = exec.socket.bufferedAmount;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return before === waiting;
  });
  expect(waiting).toBeGreaterThan(16 * 2 ** 20);
  exec.write('\n');
  exec.endInput();
  exec.cut();
});

test('the loss of the stream is the end of stdin and nothing else', async () => {
  const cat = await sh('cat; exec sleep 4001');
  const deaf = await open(['sleep', '4002']);
  await eventually(async () => (await alive('4002')) && (await alive('exec sleep 4001')));
  cat.cut();
  deaf.cut();
  // The first has seen the end of its input and gone on; the second noticed nothing.
  await eventually(async () => !(await alive('cat;')) && (await alive('4001')));
  expect(await alive('4002')).toBe(true);
});

test('a program that writes to a lost stream blocks: it is not killed', async () => {
  const exec = await open(['sh', '-c', 'yes 4003; true']);
  await eventually(() => exec.bytes > 0);
  exec.cut();
  await exec.closed;
  let before = '';
  await eventually(async () => {
    const row = (await lab.cluster.processes()).find(({ command }) => command === 'yes');
    const now = await readFile(`/proc/${row?.pid ?? 0}/io`, 'utf8').catch(() => '');
    const halted = now !== '' && now === before;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return halted;
  });
  expect(await alive('4003')).toBe(true);
});

test('a terminal has a size that can be changed, and Ctrl-C', async () => {
  const exec = await open(
    [
      'sh',
      '-c',
      'stty -echo; echo ready; read line; stty size; trap "echo got it; exit 5" INT; while :; do sleep 0.05; done',
    ],
    {
      tty: true,
    },
  );
  await eventually(() => exec.stdout.includes('ready'));
  exec.resize(123, 45);
  exec.write('\r');
  await eventually(() => exec.stdout.includes('45 123'));
  exec.write('\x03');
  await exec.closed;
  expect(exec.stdout).toContain('got it');
  expect(exec.exitCode).toBe(5);
});

test('a terminal program survives the loss of its stream', async () => {
  const exec = await open(['sh', '-c', 'echo ready; exec sleep 4004'], { tty: true });
  await eventually(() => exec.stdout.includes('ready'));
  exec.cut();
  await exec.closed;
  expect(await alive('4004')).toBe(true);
});

test('a program that does not exist is told on channel 3 after the upgrade', async () => {
  for (const tty of [false, true]) {
    const exec = await open(['no-such-program'], { tty });
    expect(await exec.closed).toBe(1000);
    expect(exec.status).toMatchObject({ status: 'Failure', reason: 'InternalError', code: 500 });
    expect(exec.status?.message).toContain('exec: "no-such-program": executable file not found in $PATH');
  }
});

test('a container that does not run is refused before the upgrade in v4 and after it in v5', async () => {
  await lab.create('ended', { command: ['true'], args: [] });
  await lab.until('ended', (pod) => pod.status?.phase === 'Succeeded');
  const v5 = await open(['true'], {}, 'ended');
  await v5.closed;
  expect(v5.status?.message).toBe(
    'Internal error occurred: unable to upgrade connection: container not found ("main")',
  );
  const v4 = await refused(open(['true'], { protocols: [V4] }, 'ended'));
  expect(v4.code).toBe(500);
  expect(v4.body).toContain('container not found');
});

test('a Pod or container that does not exist is refused before the upgrade', async () => {
  const missing = await refused(open(['true'], {}, 'nobody'));
  expect([missing.code, (JSON.parse(missing.body) as { message: string }).message]).toEqual([
    404,
    'pods "nobody" not found',
  ]);
  const wrong = await refused(open(['true'], { container: 'other' }));
  expect([wrong.code, (JSON.parse(wrong.body) as { message: string }).message]).toEqual([
    400,
    'container other is not valid for pod a',
  ]);
});

test('an exec sees the image, the environment and the folders of its container', async () => {
  const exec = await open([
    'sh',
    '-c',
    'command -v lab-idle; pwd; echo "$HOME"; echo "$HOSTNAME"; echo hello > "$0"',
    '/work/note',
  ]);
  await exec.closed;
  const [program, directory, home, host] = exec.stdout.split('\n');
  expect(program).toMatch(/image-.*\/lab-idle$/);
  expect(directory).toBe(home);
  expect(host).toBe('a');
  const read = await open(['cat', '/work/note']);
  await read.closed;
  expect(read.stdout).toBe('hello\n');
  await expect(access('/work/note')).rejects.toThrow();
});

test('the end of the main process is the end of every exec, with 137', async () => {
  await lab.run('short');
  const exec = await open(['sleep', '4005'], {}, 'short');
  await eventually(() => alive('4005'));
  await lab.delete('short');
  await exec.closed;
  expect(exec.exitCode).toBe(137);
  expect(await alive('4005')).toBe(false);
});

test('on deletion only the main process is asked to end; the others die with the grace period', async () => {
  await lab.run('slow', { args: ['lab-stubborn'] }, { terminationGracePeriodSeconds: 2 });
  const exec = await open(['sh', '-c', 'trap "echo asked" TERM; echo ready; while :; do sleep 0.05; done'], {}, 'slow');
  await eventually(() => exec.stdout.includes('ready'));
  await lab.delete('slow');
  await exec.closed;
  expect(exec.stdout).not.toContain('asked');
  expect(exec.exitCode).toBe(137);
  await lab.untilGone('slow');
});

test("the client library's own Exec works with it", async () => {
  const output = new PassThrough();
  let text = '';
  output.on('data', (bytes: Buffer) => (text += bytes.toString()));
  const input = new PassThrough();
  input.end('typed\n');
  const status = await new Promise((resolve) => {
    void new Exec(lab.config).exec(
      NAMESPACE,
      'a',
      'main',
      ['sh', '-c', 'read x; echo "$x"; exit 2'],
      output,
      null,
      input,
      false,
      resolve,
    );
  });
  expect(status).toMatchObject({ status: 'Failure', details: { causes: [{ reason: 'ExitCode', message: '2' }] } });
  expect(text).toBe('typed\n');
});
