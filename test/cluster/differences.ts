import { parse as parseToml, stringify as stringifyToml } from 'smol-toml';
import { parseAllDocuments, stringify } from 'yaml';
import type { Inventory } from '../../charts/nodes/inventory.js';
import { VERSIONS } from './go-module.js';
import { INSIDE } from './host-process.js';
import { IMAGES } from './lab-images.js';
import { laysRoutes } from './pod-network.js';

/**
 * All in which the machines here differ from those that the files are rendered for. Each entry: why, and what is laid over
 * the rendered file. Nothing else of a rendered file is changed.
 */
export const DIFFERENCES = {
  images: 'no registry: images are local, kubeadm takes them under localhost/',
  systemd: 'no systemd: the host program starts containerd and the kubelet; cgroupfs makes the cgroups',
  cgroups: 'cgroup v1',
  privileges: 'no CAP_SYS_RESOURCE: no oom_score_adj is lowered, conntrack is left as it is',
  apparmor: 'no AppArmor, no huge pages',
  disk: 'the disk is shared: no image is collected, no Pod evicted for it, and etcd does not wait for it',
  proxy: 'kube-proxy runs in nftables mode: the kernel has not all of the matches of the iptables mode',
  plugin: "Flannel's CNI plugin is not to be had as source: a script of ours makes the same call of the bridge plugin",
  routes:
    "Flannel's host-gw is not run: the lab lays its bridges and routes, so the inventory's order gives Pod networks",
  policies: "kube-router's command does not build: its policy controller runs in a small program of ours",
  gpus: 'no cards: the runtime handler nvidia is runc, and a stand-in announces them',
  audit: 'the API server writes down every request, which stories read',
  entrance: 'programs of the machine come in through its loopback address',
} as const;

type Settings = Readonly<Record<string, unknown>>;

/** Where the API server of a control plane writes its audit log. */
export const AUDIT_LOG = '/var/log/kubernetes/audit.log';
/** What it writes there: the machine's folder has the policy. */
export const AUDIT_POLICY = 'audit-policy.yaml';
/** The DNS configuration that a node gives its Pods. */
export const RESOLV_CONF = `${INSIDE}/resolv.conf`;

const POLICY = `${INSIDE}/${AUDIT_POLICY}`;

const KUBEADM: Readonly<Record<string, Settings>> = {
  InitConfiguration: { nodeRegistration: { imagePullPolicy: 'Never' } },
  ClusterConfiguration: {
    imageRepository: 'localhost',
    dns: { imageTag: VERSIONS.coredns },
    etcd: {
      local: { dataDir: '/var/lib/etcd', imageTag: VERSIONS.etcd, extraArgs: flags({ 'unsafe-no-fsync': 'true' }) },
    },
    apiServer: {
      certSANs: ['127.0.0.1', 'localhost'],
      extraArgs: flags({ 'audit-policy-file': POLICY, 'audit-log-path': AUDIT_LOG, 'audit-log-maxsize': '200' }),
      extraVolumes: [
        { name: 'audit-policy', hostPath: POLICY, mountPath: POLICY, readOnly: true, pathType: 'File' },
        {
          name: 'audit-log',
          hostPath: '/var/log/kubernetes',
          mountPath: '/var/log/kubernetes',
          pathType: 'DirectoryOrCreate',
        },
      ],
    },
  },
  KubeletConfiguration: {
    cgroupDriver: 'cgroupfs',
    failCgroupV1: false,
    failSwapOn: false,
    oomScoreAdj: 0,
    maxOpenFiles: 20_000,
    resolvConf: RESOLV_CONF,
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'nodefs.available': '1%', 'imagefs.available': '1%', 'memory.available': '100Mi' },
  },
  KubeProxyConfiguration: {
    mode: 'nftables',
    oomScoreAdj: 0,
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  },
  JoinConfiguration: { nodeRegistration: { imagePullPolicy: 'Never' } },
};

/** Over `ClusterConfiguration` where the lab lays the routes. */
const LAID_ROUTES = { controllerManager: { extraArgs: flags({ 'allocate-node-cidrs': 'false' }) } };

/** A rendered kubeadm file with the machine's differences laid over it. */
export function kubeadmHere(text: string, inventory: Inventory): string {
  const documents = parseAllDocuments(text).map((document) => {
    const rendered = document.toJS() as Settings & { readonly kind: string };
    const here = laidOver(rendered, KUBEADM[rendered.kind] ?? {});
    const routes = rendered.kind === 'ClusterConfiguration' && laysRoutes(inventory);
    return stringify(routes ? laidOver(here, LAID_ROUTES) : here);
  });
  return documents.join('---\n');
}

/** The rendered containerd configuration with the machine's differences laid over it. */
export function containerdHere(text: string): string {
  const cri = 'io.containerd.grpc.v1.cri';
  const config = parseToml(text) as { readonly plugins: Settings };
  if (config.plugins[cri] === undefined) throw new Error(`containerd's configuration has no ${cri}`);
  const runc = { runtime_type: 'io.containerd.runc.v2', options: { SystemdCgroup: false } };
  const here = laidOver(config, {
    disabled_plugins: ['aufs', 'btrfs', 'zfs', 'devmapper'].map((each) => `io.containerd.snapshotter.v1.${each}`),
    plugins: {
      'io.containerd.internal.v1.opt': { path: '/run/containerd-opt' },
      [cri]: {
        sandbox_image: IMAGES.pause,
        stream_server_address: '127.0.0.1',
        stream_server_port: '0',
        disable_apparmor: true,
        tolerate_missing_hugetlb_controller: true,
        // Without CAP_SYS_RESOURCE oom_score_adj cannot be lowered, and every sandbox would die of trying.
        restrict_oom_score_adj: true,
        containerd: { runtimes: { runc, nvidia: runc } },
      },
    },
  });
  return stringifyToml(here);
}

/** A manifest as rendered, but its images are never pulled. */
export function manifestsHere(text: string): string {
  return text.replaceAll(/^( *)(- )?image: (\S+)$/gm, (line, indent: string, dash = '') => {
    return `${line}\n${indent}${dash === '' ? '' : '  '}imagePullPolicy: Never`;
  });
}

/** The audit policy: every request of every user, without bodies – who used which verb on what. */
export function auditPolicy(): string {
  return stringify({
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [{ level: 'Metadata' }],
  });
}

/** One over the other: objects key by key, lists one after the other, all else replaced. */
function laidOver(below: Settings, above: Settings): Settings {
  const isObject = (value: unknown): value is Settings =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const entries = Object.entries(above).map(([key, value]) => {
    const under = below[key];
    if (isObject(under) && isObject(value)) return [key, laidOver(under, value)] as const;
    const lists = Array.isArray(under) && Array.isArray(value);
    return [key, lists ? [...(under as unknown[]), ...(value as unknown[])] : value] as const;
  });
  return { ...below, ...Object.fromEntries(entries) };
}

function flags(values: Readonly<Record<string, string>>): readonly object[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}
