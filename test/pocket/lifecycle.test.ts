import { readdir } from 'node:fs/promises';
import { ExecClient } from './exec-client.js';
import { eventually, IMAGE, Laboratory, NAMESPACE } from './laboratory.js';

let lab: Laboratory;
beforeEach(async () => void (lab = await Laboratory.open()));
afterEach(async () => lab.close());

const namespace = NAMESPACE;
const shell = (script: string): { command: string[]; args: string[] } => ({ command: ['sh', '-c', script], args: [] });
const ended = (name: string) => lab.until(name, ({ status }) => ['Succeeded', 'Failed'].includes(status?.phase ?? ''));
const output = async (pod: string, ...command: string[]): Promise<string> => {
  const exec = await ExecClient.open(lab.config, pod, { command });
  await exec.closed;
  return exec.stdout;
};

test('a Pod that starts tells each step, and is ready at the end', async () => {
  const pod = await lab.run('a');
  expect(await lab.events('a')).toHaveLength(4);
  expect(await lab.events('a')).toEqual(
    expect.arrayContaining([
      'Scheduled: Successfully assigned lab/a to pocket',
      `Pulled: Container image "${IMAGE}" already present on machine`,
      'Created: Created container: main',
      'Started: Started container main',
    ]),
  );
  const conditions = Object.fromEntries((pod.status?.conditions ?? []).map(({ type, status }) => [type, status]));
  expect(conditions).toMatchObject({
    PodScheduled: 'True',
    Initialized: 'True',
    ContainersReady: 'True',
    Ready: 'True',
  });
  expect(pod.status).toMatchObject({
    podIP: expect.stringMatching(/^10\.42\./) as string,
    startTime: expect.any(Date) as Date,
  });
  expect(pod.status?.containerStatuses?.[0]).toMatchObject({
    name: 'main',
    ready: true,
    state: { running: { startedAt: expect.any(Date) as Date } },
    containerID: expect.stringMatching(/^containerd:\/\/[0-9a-f]{64}$/) as string,
  });
});

test('a Pod that starts slowly can be seen waiting', async () => {
  lab.cluster.faults.slowStart(3_600_000);
  await lab.create('a');
  const pod = await lab.until('a', ({ status }) => (status?.containerStatuses ?? []).length > 0);
  expect(pod.status?.phase).toBe('Pending');
  expect(pod.status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe('ContainerCreating');
  await lab.delete('a');
  await lab.untilGone('a');
});

test('an unknown image is ErrImageNeverPull, and the Pod starts once the image is back', async () => {
  await lab.create('a', { image: 'localhost/lost:1' });
  const waiting = await lab.until(
    'a',
    ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ErrImageNeverPull',
  );
  const message = 'Container image "localhost/lost:1" is not present with pull policy of Never';
  expect(waiting.status?.phase).toBe('Pending');
  expect(waiting.status?.containerStatuses?.[0]?.state?.waiting?.message).toBe(message);
  expect(await lab.events('a')).toEqual(
    expect.arrayContaining([`ErrImageNeverPull: ${message}`, 'Failed: Error: ErrImageNeverPull']),
  );
  lab.cluster.addImage('localhost/lost:1', lab.emptyImage);
  await lab.until('a', ({ status }) => status?.containerStatuses?.[0]?.state?.terminated?.reason === 'StartError');
});

test('an image that may be pulled cannot be: there is no registry', async () => {
  await lab.create('a', { image: 'localhost/lost:1', imagePullPolicy: 'IfNotPresent' });
  await lab.until('a', ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ErrImagePull');
  await lab.delete('a');
  await lab.untilGone('a');
});

test('a Pod whose program is missing fails with StartError', async () => {
  await lab.create('a', { args: ['nothing-of-the-kind'] });
  const pod = await ended('a');
  expect(pod.status?.phase).toBe('Failed');
  expect(pod.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 128, reason: 'StartError' });
});

test.each([
  ['exit 0', 'Succeeded', 'Completed', 0],
  ['exit 7', 'Failed', 'Error', 7],
  ['kill -9 $$$$', 'Failed', 'Error', 137],
])('a main process that does "%s" makes the Pod %s', async (script, phase, reason, exitCode) => {
  await lab.create('a', shell(script));
  const pod = await ended('a');
  expect(pod.status?.phase).toBe(phase);
  expect(pod.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode, reason });
  expect(pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('False');
});

test('what a program leaves at its termination message path is in the status, cut to 4096 bytes', async () => {
  await lab.create('a', { ...shell('echo \'{"reason":"exited"}\' > "$0"; exit 1'), args: ['/dev/termination-log'] });
  expect((await ended('a')).status?.containerStatuses?.[0]?.state?.terminated?.message).toBe('{"reason":"exited"}\n');
  const env = [{ name: 'NOTE', value: '/run/note' }];
  await lab.create('b', {
    ...shell('head -c 9000 /dev/zero | tr "\\0" x > "$NOTE"'),
    terminationMessagePath: '/run/note',
    env,
  });
  expect((await ended('b')).status?.containerStatuses?.[0]?.state?.terminated?.message).toBe('x'.repeat(4096));
});

test('with FallbackToLogsOnError the end of the output is the message of a failure', async () => {
  await lab.create('a', {
    ...shell('echo what went wrong; exit 1'),
    terminationMessagePolicy: 'FallbackToLogsOnError',
  });
  expect((await ended('a')).status?.containerStatuses?.[0]?.state?.terminated?.message).toBe('what went wrong\n');
});

test('activeDeadlineSeconds ends a Pod as DeadlineExceeded, also when it is lowered later', async () => {
  await lab.create('a', {}, { activeDeadlineSeconds: 1 });
  await lab.run('b', {}, { activeDeadlineSeconds: 100_000 });
  const patch = [{ op: 'replace', path: '/spec/activeDeadlineSeconds', value: 1 }];
  await lab.api.patchNamespacedPod({ namespace, name: 'b', body: patch });
  for (const name of ['a', 'b']) {
    const { status } = await ended(name);
    const message = 'Pod was active on the node longer than the specified deadline';
    expect(status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded', message });
    expect(await lab.events(name)).toContain(`DeadlineExceeded: ${message}`);
  }
  expect(await lab.cluster.processes()).toEqual([]);
});

test('a container that shall be restarted is, and is backed off when it goes on failing', async () => {
  await lab.create('a', shell('exit 3'), { restartPolicy: 'OnFailure' });
  const pod = await lab.until('a', ({ status }) => (status?.containerStatuses?.[0]?.restartCount ?? 0) > 0);
  const backedOff = await lab.until(
    'a',
    ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff',
  );
  expect(backedOff.status?.containerStatuses?.[0]?.lastState?.terminated?.exitCode).toBe(3);
  expect(pod.status?.phase).not.toBe('Failed');
});

test('a program over its memory limit takes its whole container along: OOMKilled, 137', async () => {
  const hog = 'const all = []; setInterval(() => all.push(Buffer.alloc(8 * 2 ** 20, 1)), 5)';
  await lab.run('a', { resources: { limits: { memory: '150Mi' } } });
  const exec = await ExecClient.open(lab.config, 'a', { command: [process.execPath, '-e', hog] });
  await exec.closed;
  expect(exec.exitCode).toBe(137);
  const pod = await ended('a');
  expect(pod.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
  expect(await lab.cluster.processes()).toEqual([]);
});

test('with singleProcessOOMKill only the process dies that the kernel would choose, and the container lives', async () => {
  await lab.close();
  lab = await Laboratory.open({ singleProcessOOMKill: true });
  await lab.run('a', { resources: { limits: { memory: '150Mi' } } });
  // The modest one has asked to be chosen, as a keeper does for its shell, though the other is bigger.
  const hold = (size: number, adjustment: number): string =>
    `require('fs').writeFileSync('/proc/self/oom_score_adj', '${adjustment}');` +
    `globalThis.held = Buffer.alloc(${size} * 2 ** 20, 1); setInterval(() => console.log('up'), 50)`;
  const open = (script: string): Promise<ExecClient> =>
    ExecClient.open(lab.config, 'a', { command: [process.execPath, '-e', script] });
  const big = await open(hold(100, 0));
  await eventually(() => big.bytes > 0);
  const chosen = await open(hold(90, 900));
  await chosen.closed;
  expect(chosen.exitCode).toBe(137);
  expect(big.status).toBeUndefined();
  expect((await lab.get('a')).status?.phase).toBe('Running');
});

test('a container has its own environment and nothing of ours but PATH, LANG and TZ', async () => {
  process.env['LAB_SECRET'] = 'ours';
  const env = [
    { name: 'GREETING', value: 'hello' },
    { name: 'WHOLE', value: '$(GREETING) world $(NOBODY) $$(GREETING)' },
    { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
  ];
  await lab.run('a', { env });
  const names = (await output('a', 'env'))
    .trim()
    .split('\n')
    .map((line) => line.split('=')[0] ?? '');
  const fine = ['PATH', 'LANG', 'TZ', 'HOME', 'HOSTNAME', 'GREETING', 'WHOLE', 'POD', 'PWD', '_', 'SHLVL', 'OLDPWD'];
  expect(names.filter((name) => !fine.includes(name))).toEqual(['POCKET_CLUSTER_CONTAINER']);
  expect(await output('a', 'sh', '-c', 'echo "$WHOLE/$POD"')).toBe('hello world $(NOBODY) $(GREETING)/a\n');
});

test('Secrets fill the environment when they exist, and optional ones may be missing', async () => {
  const data = { TOKEN: Buffer.from('opensesame').toString('base64') };
  lab.cluster.apply([{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'there', namespace }, data }]);
  const envFrom = [{ secretRef: { name: 'there' } }, { secretRef: { name: 'missing', optional: true } }];
  await lab.run('a', { envFrom });
  expect(await output('a', 'sh', '-c', 'echo "$TOKEN"')).toBe('opensesame\n');
  await lab.create('b', { envFrom: [{ secretRef: { name: 'late' } }] });
  const { status } = await lab.until(
    'b',
    (pod) => pod.status?.containerStatuses?.[0]?.state?.waiting?.message !== undefined,
  );
  expect(status?.containerStatuses?.[0]?.state?.waiting).toEqual({
    reason: 'CreateContainerConfigError',
    message: 'secret "late" not found',
  });
  lab.cluster.apply([{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'late', namespace }, data }]);
  await lab.until('b', (pod) => pod.status?.phase === 'Running');
});

test('paths below a mount lead to folders of the Pod alone, short enough for a unix socket', async () => {
  const volumes = ['home', 'run'].map((name) => ({ name, emptyDir: {} }));
  const volumeMounts = [
    { name: 'home', mountPath: '/home/sandbox' },
    { name: 'run', mountPath: '/run/keeper' },
  ];
  const env = [
    { name: 'HOME', value: '/home/sandbox' },
    { name: 'SOCKET', value: '/run/keeper/keeper.sock' },
  ];
  for (const name of ['a', 'b'])
    await lab.run(name, { env, volumeMounts, workingDir: '/home/sandbox/work/..' }, { volumes });
  const show = (name: string): Promise<string> =>
    output(name, 'sh', '-c', 'printf "%s %s %s" "$HOME" "$SOCKET" "$PWD"');
  const [home = '', socket = '', directory = ''] = (await show('a')).split(' ');
  expect(directory).toBe(home);
  expect(Buffer.byteLength(socket)).toBeLessThan(100);
  expect((await show('b')).split(' ')[0]).not.toBe(home);
  expect(await readdir(home)).toEqual([]);
});

test('the folders of a Pod go with it', async () => {
  await lab.run('a', { volumeMounts: [{ name: 'x', mountPath: '/x' }] }, { volumes: [{ name: 'x', emptyDir: {} }] });
  const folder = (await output('a', 'sh', '-c', 'echo "$0"', '/x')).trim();
  expect(await readdir(folder)).toEqual([]);
  await lab.delete('a');
  await lab.untilGone('a');
  await eventually(async () =>
    readdir(folder).then(
      () => false,
      () => true,
    ),
  );
});
