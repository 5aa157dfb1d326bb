import { jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { HERE, REPOSITORY } from './cache.js';
import { CommandFailed, run } from './command.js';
import { eventually } from './eventually.js';
import { labFolder, remainsOf } from './lab.js';
import { openLab } from './lab-record.js';

jest.setTimeout(600_000);

const NAME = 'life';
const PORTS = ['--name', NAME, '--api-port', '36444', '--web-port', '31001'];
const COMMAND = ['--no-warnings', '--loader', 'ts-node/esm', join(HERE, 'main.ts')];

interface Ended {
  readonly code: number;
  readonly output: string;
}

/** `npm run cluster -- …` as its own process. */
async function cluster(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return run(process.execPath, [...COMMAND, ...args], { cwd: REPOSITORY, env }).then(
    (output) => ({ code: 0, output }),
    (error: unknown) => {
      if (error instanceof CommandFailed) return { code: error.code ?? -1, output: error.output };
      throw error;
    },
  );
}

/** All that a lab could leave on this machine outside of its own folder. */
async function machineState(): Promise<object> {
  const sorted = (text: string): readonly string[] => text.trim().split('\n').sort();
  const named = (text: string): readonly string[] => sorted(text).filter((line) => line.includes(`berth-${NAME}`));
  return {
    namespaces: named(await run('ip', ['netns', 'list'])),
    interfaces: sorted(await run('ip', ['-o', 'link', 'show'])),
    addresses: sorted(await run('ip', ['-o', 'address', 'show'])),
    routes: sorted(await run('ip', ['route', 'show', 'table', 'all'])),
    rules: sorted(await run('nft', ['list', 'ruleset'])),
    mounts: (await readFile('/proc/self/mounts', 'utf8')).split('\n').filter((line) => /containerd|kubelet/.test(line)),
    ours: named(await readFile('/proc/self/mounts', 'utf8')),
    cgroups: named(await run('find', ['/sys/fs/cgroup', '-name', 'berth-*'])),
    processes: sorted(await run('ps', ['-eo', 'args'])).filter((line) => line.includes(labFolder(NAME))),
    files: await remainsOf(NAME),
    folders: sorted(await run('find', ['/var/lib', '/etc', '/run', '/opt', '/usr/libexec', '-maxdepth', '1'])),
  };
}

describe('starting and stopping a lab', () => {
  let before: object;
  beforeAll(async () => {
    await cluster(['stop', '--name', NAME]);
    before = await machineState();
  });
  afterEach(async () => {
    await cluster(['stop', '--name', NAME]);
    expect(await machineState()).toEqual(before);
  });

  it('names each wrong value at once', async () => {
    const { code, output } = await cluster(['--nodes', '9', '--name', 'No', '--web-port', '0']);
    expect(code).toBe(1);
    expect(output).toContain('--nodes 9: want a whole number from 1 to 4');
    expect(output).toContain('--name No: want 1 to 12 lower-case letters and digits');
    expect(output).toContain('--web-port 0: want a port from 1 to 65535');
  });

  it('says that it needs root', async () => {
    const as = ['--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath];
    const refused = run('setpriv', [...as, ...COMMAND, ...PORTS], { cwd: REPOSITORY });
    await expect(refused).rejects.toThrow('namespaces and cgroups need root: run it as root');
  });

  it('says that Go is missing, and how to get it', async () => {
    const { code, output } = await cluster(PORTS, { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' });
    expect(code).toBe(1);
    expect(output).toMatch(/Go: there is none on the PATH; install Go [\d.]+ or newer/);
  });

  it('names the port that is in use and the option that chooses another', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(36444, '127.0.0.1', done));
    const { code, output } = await cluster(PORTS);
    await new Promise((done) => server.close(done));
    expect(code).toBe(1);
    expect(output).toContain('127.0.0.1:36444 is in use: choose another with --api-port');
  });

  it('says how much disk is free, how much is wanted, and how to name another place', async () => {
    const small = `mount -t tmpfs -o size=100m tmpfs /mnt && exec "$@"`;
    const inside = ['-m', 'sh', '-c', small, 'sh', process.execPath, ...COMMAND, ...PORTS];
    const refused = run('unshare', inside, { cwd: REPOSITORY, env: { BERTH_CLUSTER_CACHE: '/mnt/cache' } });
    await expect(refused).rejects.toThrow(/\/mnt\/cache: 0\.1 GB are free, 14\.0 GB are wanted.*BERTH_CLUSTER_CACHE/);
  });

  it('leaves nothing after its starter was killed half-way, and refuses to start over the half', async () => {
    const starter = spawn(process.execPath, [...COMMAND, ...PORTS], {
      cwd: REPOSITORY,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await new Promise<void>((reached, failed) => {
      let output = '';
      starter.stdout.on('data', (data: Buffer) => {
        output += data.toString();
        if (output.includes('kubeadm init')) reached();
      });
      starter.once('close', () => failed(new Error(`ended early:\n${output}`)));
    });
    const closed = new Promise((done) => starter.once('close', done));
    starter.kill('SIGKILL');
    await closed;
    const again = await cluster(PORTS);
    expect(again.code).toBe(1);
    expect(again.output).toContain('an earlier lab is half there');
    expect(again.output).toContain(`npm run cluster -- stop --name ${NAME}`);
  });

  it('grows, restarts, loses and regains nodes, and does not build anything twice', async () => {
    const started = await cluster([...PORTS, '--nodes', '2']);
    expect(started.output).toContain('ready: master, worker-t4');
    expect(started.output).not.toContain('building');
    const lab = await openLab(NAME);
    if (lab === undefined) throw new Error('the lab was not written down');
    const ready = (node: string): Promise<string> =>
      lab.kubectl(['get', 'node', node, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}']);
    const becomes = (node: string, status: string): Promise<unknown> =>
      eventually(`${node} to be ${status}`, async () => (await ready(node)) === status, {
        within: 150_000,
        every: 500,
      });

    const again = await cluster([...PORTS, '--nodes', '2']);
    expect(again).toMatchObject({ code: 0, output: expect.stringContaining(lab.kubeconfig) as string });
    expect((await cluster([...PORTS, '--nodes', '3'])).output).toContain('npm run cluster -- join');
    expect((await cluster(['status', '--name', NAME])).code).toBe(0);

    expect((await cluster(['join', '--name', NAME])).output).toContain('worker-a2 joined');
    expect(await ready('worker-a2')).toBe('True');

    await cluster(['crash', 'worker-t4', '--name', NAME]);
    expect((await cluster(['status', '--name', NAME])).code).toBe(3);
    await cluster(['partition', 'worker-a2', '--name', NAME]);
    await Promise.all([becomes('worker-t4', 'Unknown'), becomes('worker-a2', 'Unknown')]);
    await cluster(['boot', 'worker-t4', '--name', NAME]);
    await cluster(['heal', 'worker-a2', '--name', NAME]);
    await Promise.all([becomes('worker-t4', 'True'), becomes('worker-a2', 'True')]);

    for (const service of ['containerd', 'kubelet', 'apiserver']) {
      const { code, output } = await cluster(['restart', 'master', service, '--name', NAME]);
      expect({ code, output }).toEqual({ code: 0, output: '' });
    }
    await eventually('the API server to answer again', () => lab.healthy(), { within: 120_000 });
    await becomes('master', 'True');

    expect((await cluster(['restart', 'nobody', 'kubelet', '--name', NAME])).output).toContain(
      'nobody: want one of master',
    );
  });
});
