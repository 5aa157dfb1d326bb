import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from './cache.js';
import { eventually } from './eventually.js';

/** One mounted hierarchy of this machine. */
export interface Hierarchy {
  /** The folder below /sys/fs/cgroup; empty for cgroup v2 alone. */
  readonly name: string;
  readonly type: 'cgroup' | 'cgroup2';
  /** What `mount -o` needs to mount the same hierarchy again. */
  readonly options: string;
  readonly path: string;
}

const ROOT = '/sys/fs/cgroup';

/** The hierarchies of this machine: one with cgroup v2, a dozen with v1. */
export async function hierarchies(): Promise<readonly Hierarchy[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).trim().split('\n');
  return lines.flatMap((line): Hierarchy[] => {
    const [before = '', after = ''] = line.split(' - ');
    const path = before.split(' ')[4] ?? '';
    const [type, , superOptions = ''] = after.split(' ');
    if ((type !== 'cgroup' && type !== 'cgroup2') || !path.startsWith(ROOT)) return [];
    const options = superOptions.split(',').filter((option) => option !== 'rw' && option !== 'ro');
    const needed = options.some((option) => option.startsWith('name=')) ? ['none', ...options] : options;
    return [{ name: path.slice(ROOT.length + 1), type, options: type === 'cgroup' ? needed.join(',') : '', path }];
  });
}

const labFolder = (lab: string): string => `berth-${lab}`;

/** The cgroups of one host: each hierarchy with the host's folder in it. */
export interface HostCgroups {
  readonly cgroups: readonly (Hierarchy & { readonly folder: string })[];
  /** With cgroup v2 alone, where the process that started the host goes: a cgroup with children holds no process. */
  readonly bootCgroup?: string;
}

/** Makes the cgroups of a host of the lab. */
export async function makeCgroups(lab: string, host: string): Promise<HostCgroups> {
  const all = await hierarchies();
  for (const { path, name, type } of all) {
    const parent = join(path, labFolder(lab));
    const folder = join(parent, host);
    await mkdir(folder, { recursive: true });
    if (name.split(',').includes('cpuset')) {
      // A new v1 cpuset is empty, and an empty one holds no process.
      for (const each of [parent, folder]) {
        for (const file of ['cpuset.cpus', 'cpuset.mems'])
          await writeFile(join(each, file), await readFile(join(path, file), 'utf8'));
        await writeFile(join(each, 'cgroup.clone_children'), '1');
      }
    }
    if (type === 'cgroup2' && name === '') {
      const enable = (await readFile(join(path, 'cgroup.controllers'), 'utf8')).trim().split(' ');
      for (const each of [path, parent])
        await writeFile(join(each, 'cgroup.subtree_control'), enable.map((controller) => `+${controller}`).join(' '));
    }
  }
  const cgroups = all.map((each) => ({ ...each, folder: join(each.path, labFolder(lab), host) }));
  const unified = all.find(({ name }) => name === '');
  if (unified === undefined) return { cgroups };
  const bootCgroup = join(unified.path, labFolder(lab), `${host}.boot`);
  await mkdir(bootCgroup, { recursive: true });
  return { cgroups, bootCgroup };
}

async function foldersBelow(folder: string): Promise<readonly string[]> {
  if (!(await exists(folder))) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  const nested = await Promise.all(
    entries.filter((entry) => entry.isDirectory()).map(({ name }) => foldersBelow(join(folder, name))),
  );
  return [...nested.flat(), folder]; // the deepest first, as they must be removed
}

/** All cgroups that a lab, or one host of it, has in any hierarchy; the deepest first. */
export async function cgroupsOf(lab: string, host = ''): Promise<readonly string[]> {
  const all = await hierarchies();
  return (await Promise.all(all.map(({ path }) => foldersBelow(join(path, labFolder(lab), host))))).flat();
}

/** The processes in the lab's cgroups: whatever the lab started, however deep, and whoever its parent is now. */
export async function processesOf(lab: string, host = ''): Promise<readonly number[]> {
  const lists = (await cgroupsOf(lab, host)).map((folder) =>
    readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => ''),
  );
  const pids = (await Promise.all(lists)).flatMap((list) => list.split('\n').filter((line) => line !== ''));
  return [...new Set(pids.map(Number))].filter((pid) => pid > 0);
}

/** Kills every process of the lab, or of one host of it, and removes their cgroups. */
export async function removeCgroups(lab: string, host = ''): Promise<void> {
  await eventually(`the processes of ${lab} ${host} to end`, async () => {
    const pids = await processesOf(lab, host);
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself.
      }
    }
    return pids.length === 0;
  });
  await eventually(`the cgroups of ${lab} ${host} to go`, async () => {
    const folders = await cgroupsOf(lab, host);
    for (const folder of folders) await rmdir(folder).catch(() => undefined);
    return (await cgroupsOf(lab, host)).length === 0;
  });
}
