import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { binariesOf, MODULES } from '../cluster/go-module.js';

/** Debian and Ubuntu packages with the program of theirs that the proofs use. */
const PACKAGES = {
  'netplan.io': 'netplan',
  'cloud-init': 'cloud-init',
  containerd: 'containerd',
  nftables: 'nft',
  shellcheck: 'shellcheck',
  'util-linux': 'unshare',
} as const;

const SEARCH = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];

/** What a program printed, and how it ended. */
export interface Outcome {
  readonly status: number | null;
  readonly output: string;
}

/** Throws with everything that keeps the proofs from running, and the command that helps. */
export function needTools(): void {
  need(PACKAGES);
}

function need(packages: Readonly<Record<string, string>>): void {
  const lacks = Object.entries(packages)
    .filter(
      ([, sign]) =>
        !(sign.startsWith('/') ? existsSync(sign) : SEARCH.some((folder) => existsSync(join(folder, sign)))),
    )
    .map(([name]) => name);
  const problems = [
    ...(lacks.length > 0
      ? [`missing: ${lacks.join(', ')}. \`apt-get install -y --no-install-recommends ${lacks.join(' ')}\``]
      : []),
    ...(process.getuid?.() === 0 ? [] : ['network namespaces need root: run it as root']),
    ...(spawnSync('go', ['version']).error ? ['Kubernetes is built by Go: install it (https://go.dev/dl/)'] : []),
    ...(existsSync('/proc/sys/net/bridge') ? [] : ['the kernel filters no bridges: `modprobe br_netfilter`']),
  ];
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

/** The kubeadm of the cluster's version, built from its Go module: minutes the first time. */
export async function kubeadmProgram(): Promise<string> {
  const { kubeadm } = MODULES.kubernetes.binaries;
  if (kubeadm === undefined) throw new Error('the module of Kubernetes names no kubeadm');
  return join(await binariesOf({ ...MODULES.kubernetes, binaries: { kubeadm } }, () => undefined), 'kubeadm');
}

/** Runs a program to its end. */
export function tool(program: string, ...args: readonly string[]): Outcome {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH: SEARCH.join(':') },
  });
  return { status, output: `${stdout}${stderr}${error?.message ?? ''}` };
}

/** Runs a shell script with mounts and a network of its own: nothing that it does there stays, or touches this machine's. */
export function apart(script: string): Outcome {
  return tool('unshare', '--mount', '--net', 'sh', '-euc', script);
}
