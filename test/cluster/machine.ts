import { readFile, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { totalmem } from 'node:os';
import { dirname } from 'node:path';
import { CACHE, exists } from './cache.js';
import { run } from './command.js';
import { findProgram } from './host-files.js';
import type { LabPlan } from './lab-plan.js';
import { nodesOf } from './lab-plan.js';
import { laysRoutes } from './pod-network.js';

/** Debian and Ubuntu packages, each with a file or program that shows it is installed. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  containerd: ['containerd', 'ctr'],
  runc: ['runc'],
  'containernetworking-plugins': ['/usr/lib/cni/bridge', '/usr/lib/cni/host-local', '/usr/lib/cni/portmap'],
  iptables: ['iptables', 'iptables-restore'],
  nftables: ['nft'],
  conntrack: ['conntrack'],
  ipset: ['ipset'],
  iproute2: ['ip'],
  procps: ['sysctl'],
  'util-linux': ['nsenter'],
  'libc-bin': ['ldd'],
};

/** What a lab that lays its own routes does without: Flannel has a part in C, and its stories ping. */
const FOR_FLANNEL: typeof PACKAGES = {
  gcc: ['gcc'],
  'libc6-dev': ['/usr/include/stdio.h'],
  'iputils-ping': ['ping'],
};

/** Bytes for a lab of one node with Berth's images, for each further node, and for a first build with Go's caches. */
const DISK = { oneNode: 4e9, eachFurther: 2e9, firstBuild: 10e9 };
const MEMORY_PER_LAB = 2e9;
const OLDEST_GO = [1, 26, 4] as const;

/** The packages that this machine lacks for a lab. */
export async function missingPackages({ inventory }: LabPlan): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const [name, signs] of Object.entries({ ...PACKAGES, ...(laysRoutes(inventory) ? {} : FOR_FLANNEL) })) {
    for (const sign of signs) {
      const found = sign.startsWith('/') ? await exists(sign) : (await findProgram(sign)) !== undefined;
      if (!found && !missing.includes(name)) missing.push(name);
    }
  }
  return missing;
}

/** Installs Debian packages; `onOutput` hears apt. */
export async function installPackages(names: readonly string[], onOutput: (text: string) => void): Promise<void> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], { env, onOutput });
  await run('apt-get', ['install', '-qq', '-y', '--no-install-recommends', ...names], { env, onOutput });
}

async function goProblem(): Promise<string | undefined> {
  const wanted = OLDEST_GO.join('.');
  const version = await run('go', ['env', 'GOVERSION']).catch(() => undefined);
  const how = `install Go ${wanted} or newer (https://go.dev/dl/) and put it on the PATH`;
  if (version === undefined) return `Go: there is none on the PATH; ${how}`;
  const parts = (/go([\d.]+)/.exec(version)?.[1] ?? '0').split('.').map(Number);
  const difference = OLDEST_GO.map((part, index) => (parts[index] ?? 0) - part).find((each) => each !== 0) ?? 0;
  return difference < 0 ? `Go: this is ${version.trim()}; ${how}` : undefined;
}

async function portProblem(flag: string, port: number): Promise<string | undefined> {
  const free = await new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
  return free
    ? undefined
    : `127.0.0.1:${port} is in use: choose another with ${flag}, or end what listens there (\`ss -ltnp\`)`;
}

async function diskProblem(nodes: number, builtBefore: boolean): Promise<string | undefined> {
  let folder = CACHE;
  while (!(await exists(folder))) folder = dirname(folder);
  const { bavail, bsize, type } = await statfs(folder);
  const wanted = DISK.oneNode + (nodes - 1) * DISK.eachFurther + (builtBefore ? 0 : DISK.firstBuild);
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
  if (type === 0x794c7630)
    return `${CACHE} lies on overlayfs, which cannot carry containers' layers: name another place by BERTH_CLUSTER_CACHE`;
  if (bavail * bsize >= wanted) return undefined;
  return `${CACHE}: ${gigabytes(bavail * bsize)} are free, ${gigabytes(wanted)} are wanted; name another place by BERTH_CLUSTER_CACHE`;
}

async function kernelProblems(): Promise<readonly string[]> {
  const filesystems = await readFile('/proc/filesystems', 'utf8');
  const cgroups = await stat('/sys/fs/cgroup').catch(() => undefined);
  return [
    ...(/\boverlay\b/.test(filesystems) ? [] : ['the kernel knows no overlayfs: `modprobe overlay`']),
    ...(cgroups === undefined ? ['there is no /sys/fs/cgroup: mount the cgroup hierarchies'] : []),
    ...((await exists('/proc/sys/net/bridge'))
      ? []
      : [
          'bridged traffic does not pass the firewall, so that NetworkPolicies would not hold: `modprobe br_netfilter`',
        ]),
  ];
}

/** All that keeps this machine from running the lab, each with what helps. Changes nothing. */
export async function machineProblems(lab: LabPlan, builtBefore: boolean): Promise<readonly string[]> {
  if (process.platform !== 'linux') return [`this is ${process.platform}: the lab is made of Linux namespaces`];
  if (process.getuid?.() !== 0) return ['namespaces and cgroups need root: run it as root (`sudo -E npm run cluster`)'];
  const packages = await missingPackages(lab);
  const install = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  const problems = [
    ...(packages.length > 0 ? [`missing: ${packages.join(', ')}. \`${install}\`, or start with --install`] : []),
    ...(await kernelProblems()),
    await goProblem(),
    await portProblem('--api-port', lab.ports.api),
    await portProblem('--web-port', lab.ports.web),
    await diskProblem(nodesOf(lab).length, builtBefore),
    totalmem() < MEMORY_PER_LAB
      ? `this machine has ${(totalmem() / 1e9).toFixed(1)} GB of memory, 2 GB are wanted`
      : undefined,
  ];
  return problems.filter((problem) => problem !== undefined);
}
