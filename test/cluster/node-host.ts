import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Binaries } from './lab-images.js';
import { IMAGES } from './lab-images.js';
import { MODULES } from './go-module.js';
import type { HostMount, HostService } from './host-process.js';
import { HostProcess, INSIDE } from './host-process.js';
import type { Inventory, LabNode } from './inventory.js';

/** The DNS configuration that a node gives its Pods. */
export const RESOLV_CONF = `${INSIDE}/resolv.conf`;

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

const runtime = (name: string): string => `
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.${name}]
  runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.${name}.options]
    SystemdCgroup = false
`;

/** `nvidia` is plain runc under the name of the handler that RuntimeClass `nvidia` asks for. */
const containerdConfig = `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = [${['aufs', 'btrfs', 'zfs', 'devmapper'].map((name) => `"io.containerd.snapshotter.v1.${name}"`).join(', ')}]
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "/run/containerd-opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${IMAGES.pause}"
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  disable_apparmor = true
  tolerate_missing_hugetlb_controller = true
  # Without CAP_SYS_RESOURCE oom_score_adj cannot be lowered, and every sandbox would die of trying.
  restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "overlayfs"
  default_runtime_name = "runc"
${runtime('runc')}${runtime('nvidia')}
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "${INSIDE}/cni"
`;

/** A bridge on each node and static routes between them (as a host-gateway network has), without address translation. */
const cniConfig = (node: LabNode): object => ({
  cniVersion: '0.4.0',
  name: 'berth',
  plugins: [
    {
      type: 'bridge',
      bridge: 'cni0',
      isGateway: true,
      ipMasq: false,
      hairpinMode: true,
      ipam: {
        type: 'host-local',
        dataDir: '/run/cni-ipam', // forgotten at a reboot, as the Pods are
        ranges: [[{ subnet: node.podSubnet }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
});

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
  command: ['/usr/bin/containerd', '--config', `${INSIDE}/containerd.toml`],
};

/** What a node can be told to restart; the control plane's own Pods are restarted through the kubelet. */
export const NODE_SERVICES = [containerd.name, kubelet.name] as const;

/** A node as a host; writes its files when `folder` has none. */
export async function nodeHost(
  lab: Inventory,
  node: LabNode,
  folder: string,
  binaries: Binaries,
): Promise<HostProcess> {
  await layHostFolders(folder);
  const gpus = join(folder, 'var/lib/kubelet/device-plugins/berth');
  await mkdir(gpus, { recursive: true });
  await mkdir(join(folder, 'cni'), { recursive: true });
  await mkdir(join(folder, 'etc/upper/kubernetes'), { recursive: true });
  await writeFile(join(folder, 'containerd.toml'), containerdConfig);
  await writeFile(join(folder, 'cni/10-berth.conflist'), JSON.stringify(cniConfig(node), undefined, 2));
  await writeFile(join(folder, 'resolv.conf'), `nameserver ${lab.outside.address}\n`);
  if (node.gpus > 0) await writeFile(join(gpus, 'gpus'), `${node.gpus}\n`);
  return new HostProcess({
    lab: lab.name,
    name: node.name,
    folder,
    mounts: hostMounts(folder, binaries),
    services: [containerd, kubelet],
    path: PATH,
    program: join(binaries.host, 'host'),
  });
}
