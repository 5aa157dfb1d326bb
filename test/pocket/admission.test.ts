import { eventually, IMAGE, Laboratory, NAMESPACE, podOf, refusal } from './laboratory.js';

let lab: Laboratory | undefined;
afterEach(async () => lab?.close());

const namespace = NAMESPACE;
const priorityClass = (name: string, rest: object = {}): object => ({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name },
  value: -10,
  ...rest,
});
const quota = (hard: Record<string, string>, scoped = false): object => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'room', namespace },
  spec: {
    hard,
    ...(scoped && {
      scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['sandbox'] }] },
    }),
  },
});
const open = async (...objects: object[]): Promise<Laboratory> => (lab = await Laboratory.open({ objects }));
const small = { resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '500m', memory: '64Mi' } } };

test('a namespace, RuntimeClass, PriorityClass or ServiceAccount that does not exist is named', async () => {
  const place = await open();
  expect(await refusal(place.send(podOf('a'), { namespace: 'nowhere' }))).toMatchObject({
    code: 404,
    message: 'namespaces "nowhere" not found',
  });
  expect(await refusal(place.create('a', {}, { runtimeClassName: 'nvidia' }))).toMatchObject({
    code: 403,
    message: 'pods "a" is forbidden: pod rejected: RuntimeClass "nvidia" not found',
  });
  expect((await refusal(place.create('a', {}, { priorityClassName: 'vip' }))).message).toBe(
    'pods "a" is forbidden: no PriorityClass with name vip was found',
  );
  expect((await refusal(place.create('a', {}, { serviceAccountName: 'who' }))).message).toBe(
    `pods "a" is forbidden: error looking up service account ${NAMESPACE}/who: serviceaccount "who" not found`,
  );
});

test('a full quota refuses the next Pod and says what was wanted, used and allowed', async () => {
  const place = await open(quota({ pods: '1', 'requests.memory': '1Gi', 'limits.cpu': '1' }));
  await place.create('a', small);
  expect(
    await refusal(place.create('b', { resources: { ...small.resources, limits: { cpu: '750m', memory: '64Mi' } } })),
  ).toMatchObject({
    code: 403,
    reason: 'Forbidden',
    message:
      'pods "b" is forbidden: exceeded quota: room, requested: limits.cpu=750m,pods=1, used: limits.cpu=500m,pods=1, limited: limits.cpu=1,pods=1',
  });
  await place.delete('a');
  await place.untilGone('a');
  await place.create('b', small);
});

test('a quota on memory refuses a Pod that does not say what it needs', async () => {
  const place = await open(quota({ 'limits.memory': '1Gi', 'requests.cpu': '1' }));
  expect((await refusal(place.create('a'))).message).toBe(
    'pods "a" is forbidden: failed quota: room: must specify limits.memory for: main; requests.cpu for: main',
  );
});

test('a quota for one PriorityClass leaves other Pods alone', async () => {
  const place = await open(priorityClass('sandbox', { preemptionPolicy: 'Never' }), quota({ pods: '1' }, true));
  const sandbox = await place.create('a', {}, { priorityClassName: 'sandbox' });
  expect(sandbox.spec).toMatchObject({ priority: -10, preemptionPolicy: 'Never' });
  expect(await refusal(place.create('b', {}, { priorityClassName: 'sandbox' }))).toMatchObject({ code: 403 });
  await place.create('bridge');
});

test('a Pod that has ended no longer counts against a quota', async () => {
  const place = await open(quota({ pods: '1' }));
  await place.create('a', { command: ['true'], args: [] });
  await place.until('a', (pod) => pod.status?.phase === 'Succeeded');
  await place.create('b');
});

test('a Pod that no node can take waits, says why, and starts when there is room', async () => {
  const place = await open(
    { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'nvidia' }, handler: 'nvidia' },
    priorityClass('sandbox', { preemptionPolicy: 'Never' }),
  );
  const gpu = { resources: { limits: { 'nvidia.com/gpu': '1' } } };
  await place.create('gpu', gpu, { runtimeClassName: 'nvidia' });
  await place.create('modest', gpu, { priorityClassName: 'sandbox' });
  await place.create('picky', {}, { nodeSelector: { 'nvidia.com/gpu.product': 'T4' } });
  const why = async (name: string): Promise<string | undefined> => {
    const pod = await place.until(name, ({ status }) => (status?.conditions ?? []).length > 0);
    expect(pod.status?.phase).toBe('Pending');
    expect(pod.status?.conditions?.[0]).toMatchObject({
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
    });
    return pod.status?.conditions?.[0]?.message;
  };
  const lacking = '0/1 nodes are available: 1 Insufficient nvidia.com/gpu. no new claims to deallocate, preemption: ';
  expect(await why('gpu')).toBe(`${lacking}0/1 nodes are available: 1 No preemption victims found for incoming pod.`);
  expect(await why('modest')).toBe(`${lacking}not eligible due to preemptionPolicy=Never.`);
  expect(await why('picky')).toContain("1 node(s) didn't match Pod's node affinity/selector. no new claims");
  expect((await place.events('gpu'))[0]).toContain(`FailedScheduling: ${lacking}`);

  const status = { allocatable: { cpu: '2', memory: '1Gi', pods: '10', 'nvidia.com/gpu': '1' } };
  place.cluster.apply([{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'pocket' }, spec: {}, status }]);
  await eventually(async () => (await place.pods()).some((pod) => pod.status?.phase === 'Running'));
  await place.delete('gpu');
  await place.until('modest', (pod) => pod.status?.phase === 'Running');
});

test('a taint keeps Pods away that do not tolerate it', async () => {
  lab = await Laboratory.open({
    node: { taints: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }] },
  });
  await lab.create('a');
  const { status } = await lab.until('a', (pod) => (pod.status?.conditions ?? []).length > 0);
  expect(status?.conditions?.[0]?.message).toContain('1 node(s) had untolerated taint(s)');
  await lab.run('b', {}, { tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }] });
});

test('a Pod that waits for a node goes at once when it is deleted', async () => {
  const place = await open();
  await place.create('a', {}, { nodeSelector: { no: 'where' } });
  await place.delete('a');
  expect(await place.pods()).toEqual([]);
});

test('a dry run is checked like any other and stores nothing', async () => {
  const place = await open();
  const body = podOf('a', { image: IMAGE });
  await place.send(body, { dryRun: true });
  expect(await refusal(place.send(podOf('B'), { dryRun: true }))).toMatchObject({
    code: 422,
  });
  expect(await place.pods()).toEqual([]);
});
