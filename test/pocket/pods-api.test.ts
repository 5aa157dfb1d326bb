import { PatchStrategy, setHeaderOptions, Watch, type V1Pod } from '@kubernetes/client-node';
import { eventually, Laboratory, NAMESPACE, podOf, type RawRequest, refusal } from './laboratory.js';

let lab: Laboratory;
beforeEach(async () => void (lab = await Laboratory.open()));
afterEach(async () => lab.close());

const namespace = NAMESPACE;
type Seen = [type: string, name: string | undefined, version: string | undefined];

/** Starts a watch on Pods; `seen` grows as events arrive. */
async function watch(
  query: Record<string, string | number | boolean>,
): Promise<{ seen: Seen[]; ended: Promise<unknown>; stop: () => void }> {
  const seen: Seen[] = [];
  let over: (error: unknown) => void = () => undefined;
  const ended = new Promise<unknown>((resolve) => (over = resolve));
  const controller = await new Watch(lab.config).watch(
    `/api/v1/namespaces/${namespace}/pods`,
    query,
    (type, object: V1Pod & { code?: number }) =>
      seen.push([type, object.metadata?.name ?? String(object.code), object.metadata?.resourceVersion]),
    over,
  );
  return { seen, ended, stop: () => controller.abort() };
}

test('a created Pod has what the server adds: uid, time, version, phase and defaults', async () => {
  const pod = await lab.create('a', {}, { terminationGracePeriodSeconds: 7 });
  expect(pod.metadata?.uid).toMatch(/^[0-9a-f-]{36}$/);
  expect(pod.metadata?.creationTimestamp).toBeInstanceOf(Date);
  expect(Number(pod.metadata?.resourceVersion)).toBeGreaterThan(0);
  expect(pod.status?.phase).toBe('Pending');
  expect(pod.spec).toMatchObject({ serviceAccountName: 'default', terminationGracePeriodSeconds: 7 });
  expect(pod.spec?.containers[0]?.terminationMessagePath).toBe('/dev/termination-log');
});

test('a taken name is refused with 409, and generateName finds free ones', async () => {
  await lab.create('a');
  expect(await refusal(lab.create('a'))).toMatchObject({
    code: 409,
    reason: 'AlreadyExists',
    message: 'pods "a" already exists',
  });
  const body = { ...podOf(''), metadata: { generateName: 'made-' } };
  const names = await Promise.all([1, 2].map(async () => (await lab.send(body)).metadata?.name));
  expect(new Set(names).size).toBe(2);
  for (const name of names) expect(name).toMatch(/^made-[a-z0-9]{5}$/);
});

test('a Pod with many mistakes is refused with all of them at once', async () => {
  const container = { image: '', volumeMounts: [{ name: 'nowhere', mountPath: '/x' }] };
  const body = podOf('Bad_Name', container, {}, { labels: { ok: 'not ok!', '-bad': 'fine' } });
  const { code, reason, message, body: status } = await refusal(lab.send(body));
  expect([code, reason]).toEqual([422, 'Invalid']);
  expect(message).toContain(
    'Pod "Bad_Name" is invalid: [metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain',
  );
  expect(status.details?.causes?.map((cause) => cause.field)).toEqual([
    'metadata.name',
    'metadata.labels',
    'metadata.labels',
    'spec.containers[0].image',
    'spec.containers[0].volumeMounts[0].name',
  ]);
});

test('label and field selectors choose Pods', async () => {
  for (const [name, labels] of Object.entries({ a: { tier: 'x' }, b: { tier: 'y', odd: '1' }, c: {} })) {
    await lab.send(podOf(name, {}, {}, { labels }));
  }
  const select = async (labelSelector = '', fieldSelector = ''): Promise<string> =>
    (await lab.api.listNamespacedPod({ namespace, labelSelector, fieldSelector })).items
      .map((pod) => pod.metadata?.name)
      .join('');
  expect(await select('tier')).toBe('ab');
  expect(await select('!tier')).toBe('c');
  expect(await select('tier=x')).toBe('a');
  expect(await select('tier!=x')).toBe('bc');
  expect(await select('tier in (x, y),odd')).toBe('b');
  expect(await select('tier notin (y)')).toBe('ac');
  expect(await select('', 'metadata.name=b')).toBe('b');
  expect(await select('', 'spec.nodeName=pocket')).toBe('abc');
  expect(await select('', 'status.phase=Failed')).toBe('');
  expect(await refusal(lab.api.listNamespacedPod({ namespace, fieldSelector: 'spec.volumes=x' }))).toMatchObject({
    code: 400,
  });
});

test('a long list comes in pages', async () => {
  for (const name of ['a', 'b', 'c']) await lab.create(name);
  const first = await lab.api.listNamespacedPod({ namespace, limit: 2 });
  expect(first.items.map((pod) => pod.metadata?.name)).toEqual(['a', 'b']);
  expect(first.metadata?.remainingItemCount).toBe(1);
  const rest = await lab.api.listNamespacedPod({ namespace, limit: 2, _continue: first.metadata?._continue ?? '' });
  expect(rest.items.map((pod) => pod.metadata?.name)).toEqual(['c']);
  expect(rest.metadata?._continue).toBeUndefined();
});

test('a watch goes on after the version it is given, and misses nothing in between', async () => {
  const { metadata } = await lab.api.listNamespacedPod({ namespace });
  await lab.run('a');
  await lab.api.deleteNamespacedPod({ namespace, name: 'a', gracePeriodSeconds: 0 });
  const { seen, stop } = await watch({ resourceVersion: metadata?.resourceVersion ?? '' });
  await eventually(() => seen.some(([type]) => type === 'DELETED'));
  expect(seen[0]?.[0]).toBe('ADDED');
  expect(seen.at(-1)?.[0]).toBe('DELETED');
  const versions = seen.map(([, , version]) => Number(version));
  expect(versions).toEqual([...versions].sort((a, b) => a - b));
  stop();
});

test('a watch with a selector sees Pods come and go as they begin and cease to match', async () => {
  await lab.create('a');
  const { seen, stop } = await watch({ labelSelector: 'picked=yes' });
  const label = async (value: string | null): Promise<void> => {
    const body = { metadata: { labels: { picked: value } } };
    await lab.api.patchNamespacedPod(
      { namespace, name: 'a', body },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
  };
  await label('yes');
  await label(null);
  await eventually(() => seen.length >= 2);
  expect(seen.filter(([type]) => type !== 'MODIFIED').map(([type, name]) => [type, name])).toEqual([
    ['ADDED', 'a'],
    ['DELETED', 'a'],
  ]);
  stop();
});

test('a watch from a forgotten version gets an ERROR with 410, and a list starts it anew', async () => {
  const { metadata } = await lab.api.listNamespacedPod({ namespace });
  await lab.run('a');
  lab.cluster.faults.compact();
  const old = await watch({ resourceVersion: metadata?.resourceVersion ?? '' });
  await old.ended;
  expect(old.seen.map(([type, code]) => [type, code])).toEqual([['ERROR', '410']]);
  const { metadata: fresh } = await lab.api.listNamespacedPod({ namespace });
  const anew = await watch({ resourceVersion: fresh?.resourceVersion ?? '' });
  lab.cluster.faults.deletePod(namespace, 'a', 0);
  await eventually(() => anew.seen.some(([type]) => type === 'DELETED'));
  anew.stop();
});

test('a watch ends when its time is over, with a bookmark of where to go on', async () => {
  await lab.run('a');
  const { seen, ended } = await watch({ timeoutSeconds: 1, allowWatchBookmarks: true });
  await ended;
  expect(seen.at(-1)?.[0]).toBe('BOOKMARK');
  const { metadata } = await lab.api.listNamespacedPod({ namespace });
  expect(seen.at(-1)?.[2]).toBe(metadata?.resourceVersion);
});

test('patches change metadata; a failed test is 422, a stale version 409, and a spec is immutable', async () => {
  const pod = await lab.create('a');
  const patch = (strategy: PatchStrategy, body: unknown): Promise<V1Pod> =>
    lab.api.patchNamespacedPod({ namespace, name: 'a', body }, setHeaderOptions('Content-Type', strategy));
  const annotated = await patch(PatchStrategy.MergePatch, { metadata: { annotations: { title: 'one' } } });
  expect(annotated.metadata?.annotations).toEqual({ title: 'one' });
  const replaced = await patch(PatchStrategy.JsonPatch, [
    { op: 'test', path: '/metadata/annotations/title', value: 'one' },
    { op: 'replace', path: '/metadata/annotations/title', value: 'two' },
  ]);
  expect(replaced.metadata?.annotations).toEqual({ title: 'two' });
  const failed = patch(PatchStrategy.JsonPatch, [{ op: 'test', path: '/metadata/annotations/title', value: 'one' }]);
  expect(await refusal(failed)).toMatchObject({
    code: 422,
    message: 'the server rejected our request due to an error in our request',
  });
  const stale = { metadata: { resourceVersion: pod.metadata?.resourceVersion, annotations: { title: 'three' } } };
  expect(await refusal(patch(PatchStrategy.MergePatch, stale))).toMatchObject({
    code: 409,
    message:
      'Operation cannot be fulfilled on pods "a": the object has been modified; please apply your changes to the latest version and try again',
  });
  expect(await refusal(patch(PatchStrategy.MergePatch, { spec: { hostNetwork: true } }))).toMatchObject({ code: 422 });
  const lowered = await patch(PatchStrategy.MergePatch, { spec: { activeDeadlineSeconds: 1000 } });
  expect(lowered.spec?.activeDeadlineSeconds).toBe(1000);
  expect(await refusal(patch(PatchStrategy.MergePatch, { spec: { activeDeadlineSeconds: 2000 } }))).toMatchObject({
    code: 422,
  });
});

test('a delete with another uid is a conflict and deletes nothing', async () => {
  const pod = await lab.run('a');
  const uid = pod.metadata?.uid ?? '';
  const other = '00000000-0000-0000-0000-000000000000';
  const wrong = lab.delete('a', { preconditions: { uid: other } });
  expect(await refusal(wrong)).toMatchObject({
    code: 409,
    reason: 'Conflict',
    message: `Operation cannot be fulfilled on pods "a": Precondition failed: UID in precondition: ${other}, UID in object meta: ${uid}`,
  });
  expect((await lab.get('a')).metadata?.deletionTimestamp).toBeUndefined();
  await lab.delete('a', { preconditions: { uid } });
  await lab.untilGone('a');
  expect(await refusal(lab.get('a'))).toMatchObject({ code: 404, message: 'pods "a" not found' });
});

test('a Pod that is being deleted is shown as such until its processes have ended', async () => {
  await lab.run('a', { args: ['lab-stubborn'] }, { terminationGracePeriodSeconds: 1 });
  const { seen, stop } = await watch({});
  const marked = await lab.delete('a');
  expect(marked.metadata).toMatchObject({ deletionGracePeriodSeconds: 1, name: 'a' });
  expect((await lab.get('a')).metadata?.deletionTimestamp).toBeInstanceOf(Date);
  await eventually(() => seen.at(-1)?.[0] === 'DELETED');
  expect(await lab.cluster.processes()).toEqual([]);
  stop();
});

test('nonsense is answered, and the server stays up', async () => {
  const ask = (path: string, init?: RawRequest): Promise<number> => lab.ask(path, init);
  const json = { 'content-type': 'application/json' };
  expect(await ask('/api/v1/nothing')).toBe(404);
  expect(await ask('/nothing')).toBe(404);
  expect(await ask('/api/v1/namespaces/lab/pods/%ff')).toBe(400);
  expect(await ask('/api/v1/namespaces/lab/pods', { method: 'POST', headers: json, body: '{' })).toBe(400);
  expect(await ask('/api/v1/namespaces/lab/pods', { method: 'POST', headers: json, body: '[]' })).toBe(400);
  expect(await ask('/api/v1/namespaces/lab/pods', { method: 'POST', headers: json, body: '{"kind":"Service"}' })).toBe(
    400,
  );
  expect(
    await ask('/api/v1/namespaces/lab/pods', { method: 'POST', headers: json, body: '{"spec":{"containers":3}}' }),
  ).toBe(400);
  expect(
    await ask('/api/v1/namespaces/lab/pods', {
      method: 'POST',
      headers: { 'content-type': 'application/yaml' },
      body: 'a: b',
    }),
  ).toBe(415);
  expect(
    await ask('/api/v1/namespaces/lab/pods', { method: 'POST', headers: json, body: ' '.repeat(4 * 2 ** 20) }),
  ).toBe(413);
  expect(await ask('/api/v1/namespaces/lab/pods?watch=1&resourceVersion=x')).toBe(400);
  expect(await ask('/api/v1/namespaces/lab/pods/a', { method: 'TRACE' })).toBe(405);
  expect(await ask('/readyz')).toBe(200);
});
