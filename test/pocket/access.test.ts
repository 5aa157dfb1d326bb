import { createConnection } from 'node:net';
import { networkInterfaces } from 'node:os';
import { stat, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { ExecClient, RefusedUpgrade } from './exec-client.js';
import { ACCOUNT, Laboratory, NAMESPACE, refusal, RULES } from './laboratory.js';

let lab: Laboratory | undefined;
afterEach(async () => lab?.close());

const namespace = NAMESPACE;
const open = async (...args: Parameters<typeof Laboratory.open>): Promise<Laboratory> =>
  (lab = await Laboratory.open(...args));
const who = `User "system:serviceaccount:${NAMESPACE}:${ACCOUNT}"`;
const exec = async (place: Laboratory): Promise<number | undefined> => {
  const client = await ExecClient.open(place.config, 'a', { command: ['true'] }).catch((error: unknown) => {
    if (error instanceof RefusedUpgrade) return error;
    throw error;
  });
  if (client instanceof RefusedUpgrade) return client.code;
  await client.closed;
  return client.exitCode;
};
const withExecVerbs = (...verbs: string[]): typeof RULES => [
  RULES[0]!,
  { apiGroups: [''], resources: ['pods/exec'], verbs },
];

test('what no Role grants is refused in the words of the API', async () => {
  const place = await open({}, []);
  const { api } = place;
  const where = `in the namespace "${NAMESPACE}"`;
  expect(await refusal(api.listNamespacedPod({ namespace }))).toMatchObject({
    code: 403,
    reason: 'Forbidden',
    message: `pods is forbidden: ${who} cannot list resource "pods" in API group "" ${where}`,
  });
  expect((await refusal(api.readNamespacedPod({ namespace, name: 'a' }))).message).toBe(
    `pods "a" is forbidden: ${who} cannot get resource "pods" in API group "" ${where}`,
  );
  expect((await refusal(place.create('a'))).message).toBe(
    `pods is forbidden: ${who} cannot create resource "pods" in API group "" ${where}`,
  );
  expect((await refusal(api.listPodForAllNamespaces())).message).toBe(
    `pods is forbidden: ${who} cannot list resource "pods" in API group "" at the cluster scope`,
  );
});

test('a Role counts in its own namespace only', async () => {
  const { api } = await open({ objects: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } }] });
  expect((await api.listNamespacedPod({ namespace })).items).toEqual([]);
  expect(await refusal(api.listNamespacedPod({ namespace: 'other' }))).toMatchObject({ code: 403 });
});

test('a verb that is taken from the Role is refused from then on', async () => {
  const place = await open();
  await place.create('a');
  const rules = [{ ...RULES[0], verbs: ['get', 'list', 'watch', 'create', 'patch'] }, ...RULES.slice(1)];
  place.cluster.apply([
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: ACCOUNT, namespace }, rules },
  ]);
  expect(await refusal(place.api.deleteNamespacedPod({ namespace, name: 'a' }))).toMatchObject({ code: 403 });
  expect((await place.get('a')).metadata?.name).toBe('a');
});

test.each([
  ['1.34', ['get'], 0],
  ['1.34', ['create'], 403],
  ['1.35', ['get'], 403],
  ['1.35', ['create'], 403],
  ['1.35', ['get', 'create'], 0],
] as const)('by the rule of %s, exec with %j ends with %d', async (execRule, verbs, outcome) => {
  const place = await open({ execRule }, withExecVerbs(...verbs));
  await place.run('a');
  expect(await exec(place)).toBe(outcome);
});

test('a refused exec says why before the upgrade', async () => {
  const place = await open({}, withExecVerbs('create'));
  await place.run('a');
  const refused = await ExecClient.open(place.config, 'a', { command: ['true'] }).catch((error: unknown) => error);
  expect(JSON.parse((refused as RefusedUpgrade).body)).toMatchObject({
    kind: 'Status',
    code: 403,
    message: `pods "a" is forbidden: ${who} cannot get resource "pods/exec" in API group "" in the namespace "${NAMESPACE}"`,
  });
});

test('without a token, or with a wrong one, the answer is 401', async () => {
  const place = await open();
  const { cluster, config } = place;
  expect(await place.ask('/api/v1/pods', { headers: { authorization: '' } })).toBe(401);
  expect(await place.ask('/version', { headers: { authorization: 'Bearer wrong' } })).toBe(401);
  const stranger = new KubeConfig();
  stranger.loadFromOptions({
    clusters: config.clusters,
    users: [{ name: 'x', token: 'wrong' }],
    contexts: [{ name: 'x', user: 'x', cluster: config.clusters[0]?.name ?? '' }],
    currentContext: 'x',
  });
  expect(await refusal(stranger.makeApiClient(CoreV1Api).listNamespacedPod({ namespace }))).toMatchObject({
    code: 401,
  });
  await expect(ExecClient.open(stranger, 'a', { command: ['true'] })).rejects.toMatchObject({ code: 401 });
  expect(cluster.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
});

test('a rotated token replaces the old one in its file; the old one ends unless it is kept', async () => {
  const place = await open();
  const read = async (): Promise<KubeConfig> => {
    const config = new KubeConfig();
    config.loadFromFile(await place.cluster.kubeconfigFor(NAMESPACE, ACCOUNT));
    return config;
  };
  const list = (config: KubeConfig): Promise<unknown> =>
    config.makeApiClient(CoreV1Api).listNamespacedPod({ namespace });
  const first = await read();
  await place.cluster.rotateToken(NAMESPACE, ACCOUNT, { keepOld: true });
  const second = await read();
  expect(second.getCurrentUser()?.token).not.toBe(first.getCurrentUser()?.token);
  await list(first);
  await list(second);
  await place.cluster.rotateToken(NAMESPACE, ACCOUNT);
  expect(await refusal(list(first))).toMatchObject({ code: 401 });
  expect(await refusal(list(second))).toMatchObject({ code: 401 });
  await list(await read());
});

test('an exec that is open is not cut when its token ends', async () => {
  const place = await open();
  await place.run('a');
  const client = await ExecClient.open(place.config, 'a', { command: ['cat'] });
  await place.cluster.rotateToken(NAMESPACE, ACCOUNT);
  client.write('still here');
  client.endInput();
  await client.closed;
  expect(client.stdout).toBe('still here');
});

test('tokens and folders are for their owner only, and the port is on 127.0.0.1 alone', async () => {
  const { cluster } = await open();
  const file = await cluster.kubeconfigFor(NAMESPACE, ACCOUNT);
  const mode = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);
  const { users } = JSON.parse(await readFile(file, 'utf8')) as { users: { user: { tokenFile: string } }[] };
  expect(await mode(dirname(file))).toBe('700');
  expect(await mode(file)).toBe('600');
  expect(await mode(users[0]!.user.tokenFile)).toBe('600');
  const others = Object.values(networkInterfaces())
    .flatMap((rows) => rows ?? [])
    .filter((row) => !row.internal && row.family === 'IPv4');
  for (const { address } of others) {
    const reached = await new Promise((resolve) => {
      const socket = createConnection({ host: address, port: Number(new URL(cluster.url).port) });
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    expect(reached).toBe(false);
  }
});
