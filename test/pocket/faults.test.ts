import { Watch } from '@kubernetes/client-node';
import { ExecClient } from './exec-client.js';
import { eventually, Laboratory, NAMESPACE, refusal } from './laboratory.js';

let lab: Laboratory;
beforeEach(async () => void (lab = await Laboratory.open()));
afterEach(async () => lab.close());

const namespace = NAMESPACE;
const cat = (pod: string): Promise<ExecClient> => ExecClient.open(lab.config, pod, { command: ['cat'] });
/** The exec has echoed something, so both ways are open. */
const connected = async (exec: ExecClient): Promise<void> => {
  exec.write('x');
  await eventually(() => exec.bytes > 0);
};

test('an API restart drops every connection without a Status; Pods and their processes stay', async () => {
  const before = await lab.run('a');
  const exec = await cat('a');
  await connected(exec);
  const cut = new Promise<unknown>((resolve) => {
    void new Watch(lab.config).watch(`/api/v1/namespaces/${namespace}/pods`, {}, () => undefined, resolve);
  });
  const main = (await lab.cluster.processes()).find(({ command }) => command === 'lab-idle');
  await lab.cluster.restartApi();
  expect(await exec.closed).toBe(1006);
  expect(exec.status).toBeUndefined();
  await cut;
  expect((await lab.get('a')).metadata?.uid).toBe(before.metadata?.uid);
  await connected(await cat('a'));
  expect((await lab.cluster.processes()).map(({ pid }) => pid)).toContain(main?.pid);
});

test('a watch resumes after an API restart where it was', async () => {
  const { metadata } = await lab.api.listNamespacedPod({ namespace });
  await lab.run('a');
  await lab.cluster.restartApi();
  const seen: string[] = [];
  const query = { resourceVersion: metadata?.resourceVersion ?? '' };
  const watch = await new Watch(lab.config).watch(
    `/api/v1/namespaces/${namespace}/pods`,
    query,
    (type) => seen.push(type),
    () => undefined,
  );
  await eventually(() => seen.length > 2);
  expect(seen[0]).toBe('ADDED');
  watch.abort();
});

test('while the API is away nothing is answered', async () => {
  const back = lab.cluster.restartApi(300);
  await expect(lab.ask('/readyz')).rejects.toThrow();
  await back;
  expect(await lab.ask('/readyz')).toBe(200);
});

test('the exec streams of one Pod can be broken alone', async () => {
  await lab.run('a');
  await lab.run('b');
  const [one, other] = [await cat('a'), await cat('b')];
  await connected(one);
  await connected(other);
  expect(lab.cluster.faults.killStreams(namespace, 'a')).toBe(1);
  expect(await one.closed).toBe(1006);
  expect(one.status).toBeUndefined();
  other.endInput();
  await other.closed;
  expect(other.exitCode).toBe(0);
  // What was exec'd has seen the end of its input.
  await eventually(async () => (await lab.cluster.processes()).every(({ command }) => command !== 'cat'));
});

test('a way to the node that breaks is told as Success, as a real API server does, and the command sees the end of its input', async () => {
  await lab.run('a');
  const stream = await cat('a');
  await connected(stream);
  expect(lab.cluster.faults.killNodeStreams(namespace, 'a')).toBe(1);
  expect(await stream.closed).toBe(1000);
  expect(stream.status).toEqual({ metadata: {}, status: 'Success' });
  await eventually(async () => (await lab.cluster.processes()).every(({ command }) => command !== 'cat'));
});

test('requests can be refused, a few times or until that is lifted', async () => {
  await lab.run('a');
  const rule = {
    verb: 'list',
    resource: 'pods',
    code: 503,
    reason: 'ServiceUnavailable',
    message: 'apiserver is starting',
  } as const;
  lab.cluster.faults.refuse({ ...rule, times: 1 });
  expect(await refusal(lab.pods())).toMatchObject({ code: 503, message: 'apiserver is starting' });
  await lab.pods();
  const lift = lab.cluster.faults.refuse({ ...rule, verb: 'get', resource: 'pods/exec' });
  for (let attempt = 0; attempt < 3; attempt += 1) await expect(cat('a')).rejects.toMatchObject({ code: 503 });
  lift();
  await connected(await cat('a'));
});

test('a Pod that somebody else deletes is gone with its exec', async () => {
  await lab.run('a');
  const exec = await cat('a');
  await connected(exec);
  lab.cluster.faults.deletePod(namespace, 'a');
  await exec.closed;
  expect(exec.exitCode).toBe(137);
  await lab.untilGone('a');
});

test('an evicted Pod stays, failed, and says why', async () => {
  await lab.run('a');
  lab.cluster.faults.evict(namespace, 'a');
  const { status } = await lab.until('a', (pod) => pod.status?.phase === 'Failed');
  expect(status).toMatchObject({ reason: 'Evicted', message: 'The node was low on resource: memory.' });
  expect(await lab.events('a')).toContain('Evicted: The node was low on resource: memory.');
  expect(await lab.cluster.processes()).toEqual([]);
});

test('a container can be killed as out of memory', async () => {
  await lab.run('a');
  lab.cluster.faults.outOfMemory(namespace, 'a');
  const { status } = await lab.until('a', (pod) => pod.status?.phase === 'Failed');
  expect(status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ reason: 'OOMKilled', exitCode: 137 });
});

test('a lost node leaves Pods Running but not Ready, and streams silent; when it returns all goes on', async () => {
  await lab.run('a');
  const exec = await cat('a');
  await connected(exec);
  lab.cluster.faults.loseNode();
  const ready = (pod: Awaited<ReturnType<typeof lab.get>>): string | undefined =>
    pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  const lost = await lab.get('a');
  expect([lost.status?.phase, ready(lost)]).toEqual(['Running', 'False']);
  expect(await lab.events('a')).toContain('NodeNotReady: Node is not ready');
  const late = await cat('a');
  await late.closed;
  expect(late.status?.message).toContain('error dialing backend');
  exec.write('into the void');
  await lab.delete('a');
  expect((await lab.get('a')).metadata?.deletionTimestamp).toBeInstanceOf(Date);
  expect(exec.stdout).toBe('x');

  lab.cluster.faults.returnNode();
  expect(await exec.closed).toBe(1006);
  await lab.untilGone('a');
  await lab.run('b');
  expect(ready(await lab.get('b'))).toBe('True');
});

test('a Pod that ended while its node was lost is told of when the node returns', async () => {
  await lab.run('a');
  await lab.run('b');
  const [main] = (await lab.cluster.processes()).filter(
    ({ pod, command }) => pod === 'lab/a' && command === 'lab-idle',
  );
  lab.cluster.faults.loseNode(true);
  process.kill(main!.pid, 'SIGKILL');
  await eventually(async () => (await lab.cluster.processes()).every(({ pod }) => pod !== 'lab/a'));
  expect((await lab.get('a')).metadata?.deletionTimestamp).toBeInstanceOf(Date);
  const given = await lab.get('b');
  expect(given.status?.phase).toBe('Running');
  expect(given.status?.conditions).toContainEqual(
    expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager' }),
  );
  lab.cluster.faults.returnNode();
  await lab.untilGone('a');
  await lab.untilGone('b');
});
