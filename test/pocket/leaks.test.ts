import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { ExecClient } from './exec-client.js';
import { eventually, Laboratory, NAMESPACE } from './laboratory.js';
import { PocketCluster } from '../../service/pocket/pocket-cluster.js';

const run = promisify(execFile);
let lab: Laboratory;
afterEach(async () => lab.close());

const namespace = NAMESPACE;
/** Whether a process runs; one that has ended and waits for its parent to notice does not. */
const exists = (pid: number): boolean => {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
};

/** Starts, in the Pod, everything that is hard to find again: a daemon, a session of its own, a terminal, an orphan. */
async function scatter(pod: string): Promise<void> {
  const scripts = ['setsid sleep 4100 & exit 0', '(sleep 4101 &) ; exit 0', 'env -i sleep 4102', 'exec sleep 4103'];
  for (const [index, script] of scripts.entries()) {
    const exec = await ExecClient.open(lab.config, pod, { command: ['sh', '-c', script], tty: index === 3 });
    if (index < 2) exec.cut();
  }
  await eventually(async () => {
    const rows = await lab.cluster.processes();
    return rows.filter(({ pod: whose, command }) => whose === `${namespace}/${pod}` && command === 'sleep').length >= 4;
  });
}

test('a deleted Pod leaves no process, however it was started, and other Pods keep theirs', async () => {
  lab = await Laboratory.open();
  await lab.run('a');
  await lab.run('b');
  await scatter('a');
  await scatter('b');
  const before = await lab.cluster.processes();
  await lab.delete('a');
  await lab.untilGone('a');
  for (const { pid, pod } of before) if (pod === 'lab/a') expect(exists(pid)).toBe(false);
  const left = await lab.cluster.processes();
  expect(left.filter(({ command }) => command === 'sleep').length).toBeGreaterThanOrEqual(4);
  expect(new Set(left.map(({ pod }) => pod))).toEqual(new Set(['lab/b']));
});

test('a main process that ends takes everything else along', async () => {
  lab = await Laboratory.open();
  await lab.run('a');
  await scatter('a');
  const main = (await lab.cluster.processes()).find(({ command }) => command === 'lab-idle');
  process.kill(main!.pid, 'SIGKILL');
  await lab.until('a', ({ status }) => status?.phase === 'Failed');
  expect(await lab.cluster.processes()).toEqual([]);
});

test('after stop() no process, file or port is left', async () => {
  lab = await Laboratory.open();
  await lab.run('a', { args: ['lab-stubborn'] }, { terminationGracePeriodSeconds: 3600 });
  await lab.run('b');
  await scatter('b');
  await lab.create('never', { image: 'localhost/lost:1' });
  await lab.delete('a');
  const directory = dirname(await lab.cluster.adminKubeconfig());
  const pids = (await lab.cluster.processes()).map(({ pid }) => pid);
  expect(pids.length).toBeGreaterThan(5);
  await lab.close();
  expect(pids.filter(exists)).toEqual([]);
  await expect(access(directory)).rejects.toThrow();
  await expect(lab.ask('/readyz')).rejects.toThrow();
});

test('Pods that are created and deleted in any order and haste leave nothing', async () => {
  lab = await Laboratory.open();
  const names = Array.from({ length: 30 }, (_, index) => `p${index}`);
  await Promise.all(
    names.map(async (name, index) => {
      await lab.create(name, {}, { terminationGracePeriodSeconds: index % 3 });
      if (index % 2 === 0) await lab.until(name, ({ status }) => status?.phase === 'Running');
      await lab.delete(name);
    }),
  );
  await eventually(async () => (await lab.pods()).length === 0);
  await eventually(async () => (await lab.cluster.processes()).length === 0);
});

test('a process that exits without stop() takes its sandboxes along', async () => {
  const script = new URL('./forgetful.ts', import.meta.url).pathname;
  const { stdout } = await run(process.execPath, ['--no-warnings', '--loader', 'ts-node/esm', script]);
  const pid = Number(stdout);
  expect(pid).toBeGreaterThan(1);
  await eventually(() => !exists(pid));
});

test('a folder that is too long for sockets is refused, and a failed start leaves nothing', async () => {
  const directory = `/tmp/${'long'.repeat(20)}`;
  await expect(PocketCluster.start({ images: {}, directory })).rejects.toThrow(/^directory .*at most 72 bytes/);
  lab = await Laboratory.open();
  const port = Number(new URL(lab.cluster.url).port);
  await expect(PocketCluster.start({ images: {}, port, directory: '/tmp/pocket-refused' })).rejects.toThrow(
    'EADDRINUSE',
  );
  await expect(access('/tmp/pocket-refused')).rejects.toThrow();
});
