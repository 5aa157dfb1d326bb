import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Host, Inventory } from '../../charts/nodes/inventory.js';
import { hostFiles } from '../../charts/nodes/render/host-files.js';
import { INIT_FILE, JOIN_FILE } from '../../charts/nodes/render/kubeadm.js';
import { AUDIT_POLICY, auditPolicy, containerdHere, kubeadmHere } from './differences.js';
import { MODULES } from './go-module.js';
import type { HostMount, HostService } from './host-process.js';
import { HostProcess, INSIDE } from './host-process.js';
import type { Binaries } from './lab-images.js';
import type { LabPlan } from './lab-plan.js';
import { bridgeConfig, laysRoutes } from './pod-network.js';

const CONTAINERD_CONFIG = '/etc/containerd/config.toml';

/** Where a host finds the lab's binaries. */
export const BIN = '/run/berth/bin';

/** Search path on every host: the lab's binaries first. */
export const PATH = [
  ...Object.keys(MODULES).map((name) => `${BIN}/${name}`),
  ...['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'],
].join(':');

/**
 * What every host mounts: its own /run, /tmp and /var, and its own changes to /etc and /usr (kube-proxy's manifest makes
 * /usr/lib/modules). The rest of `/` it sees read-only, so that nothing a cluster does stays on the machine.
 */
export function hostMounts(folder: string, binaries: Binaries): readonly HostMount[] {
  return [
    { type: 'tmpfs', target: '/run' },
    // First of all, because the folders themselves may be below /var or /tmp.
    { type: 'bind', source: folder, target: INSIDE },
    ...Object.entries(binaries).map(([name, source]) => ({ type: 'bind' as const, source, target: `${BIN}/${name}` })),
    { type: 'tmpfs', target: '/tmp', mode: '1777' },
    { type: 'bind', source: `${INSIDE}/var`, target: '/var' },
    { type: 'overlay', source: `${INSIDE}/etc`, target: '/etc' },
    { type: 'overlay', source: `${INSIDE}/usr`, target: '/usr' },
  ];
}

/** The folders that `hostMounts` expects. */
export async function layHostFolders(folder: string): Promise<void> {
  for (const each of ['etc/upper', 'etc/work', 'usr/upper', 'usr/work', 'var/tmp', 'var/log'])
    await mkdir(join(folder, each), { recursive: true });
}

/** kubeadm finds no systemd here and leaves the kubelet to us; this is what its unit file says. */
const kubelet: HostService = {
  name: 'kubelet',
  command: [
    `${BIN}/kubernetes/kubelet`,
    '--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf',
    '--kubeconfig=/etc/kubernetes/kubelet.conf',
    '--config=/var/lib/kubelet/config.yaml',
  ],
  waitFor: '/var/lib/kubelet/config.yaml',
  flagsFile: '/var/lib/kubelet/kubeadm-flags.env',
};

const containerd: HostService = {
  name: 'containerd',
  command: ['/usr/bin/containerd', '--config', CONTAINERD_CONFIG],
};

/** Stands in for sshd: something that answers on its port. */
const sshd: HostService = { name: 'sshd', command: [`${BIN}/host/host`, 'answer', ':22'] };

/** What a node can be told to restart; the control plane's own Pods are restarted through the kubelet. */
export const NODE_SERVICES = [containerd.name, kubelet.name] as const;

/** A node as a host, whether it was booted or not. */
export function nodeHost(plan: LabPlan, node: Host, folder: string, binaries: Binaries): HostProcess {
  return new HostProcess({
    lab: plan.name,
    name: node.name,
    folder,
    mounts: [
      ...hostMounts(folder, binaries),
      // This machine may have a Pod network of its own; a new node has the plugins alone.
      { type: 'tmpfs', target: '/opt' },
      { type: 'bind', source: '/usr/lib/cni', target: '/opt/cni/bin' },
      { type: 'bind', source: `${INSIDE}/cni`, target: '/etc/cni/net.d' },
    ],
    services: [containerd, kubelet, sshd],
    path: PATH,
    program: join(binaries.host, 'host'),
  });
}

/**
 * A node's files before it boots: every rendered one where its path says, with the machine's differences in those that have
 * any, and what the machine has beside them.
 */
export async function layNodeFiles({ inventory, outside }: LabPlan, node: Host, folder: string): Promise<void> {
  await layHostFolders(folder);
  for (const { path, text, mode = '0644' } of hostFiles(inventory, node)) {
    const [top = '', ...rest] = path.slice(1).split('/');
    const target = join(folder, top, 'upper', ...rest);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, here(inventory, path, text), { mode: Number.parseInt(mode, 8) });
  }
  const gpus = join(folder, 'var/lib/kubelet/device-plugins/berth');
  for (const each of [gpus, join(folder, 'cni')]) await mkdir(each, { recursive: true });
  if (laysRoutes(inventory)) await writeFile(join(folder, 'cni/10-berth.conflist'), bridgeConfig(inventory, node));
  if (node.gpus !== undefined) await writeFile(join(gpus, 'gpus'), `${node.gpus.count}\n`);
  await writeFile(join(folder, 'resolv.conf'), outside.dns.map((address) => `nameserver ${address}\n`).join(''));
  await writeFile(join(folder, AUDIT_POLICY), auditPolicy());
}

function here(inventory: Inventory, path: string, text: string): string {
  if (path === INIT_FILE || path === JOIN_FILE) return kubeadmHere(text, inventory);
  return path === CONTAINERD_CONFIG ? containerdHere(text) : text;
}
