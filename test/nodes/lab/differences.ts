import { parse as parseToml, stringify as stringifyToml } from 'smol-toml';
import { parseAllDocuments, stringify } from 'yaml';
import { VERSIONS } from '../../cluster/go-module.js';
import { INSIDE } from '../../cluster/host-process.js';
import { IMAGES } from '../../cluster/lab-images.js';

/**
 * All in which the lab's machines differ from those that the files are rendered for. Each entry: why, and what is laid
 * over the rendered file. Nothing else of a rendered file is changed.
 */
export const DIFFERENCES = {
  images: 'no registry: images are local, kubeadm takes them under localhost/',
  systemd: 'no systemd: the host program starts containerd and the kubelet; cgroupfs makes the cgroups',
  cgroups: 'cgroup v1',
  privileges: 'no CAP_SYS_RESOURCE: no oom_score_adj is lowered, conntrack is left as it is',
  apparmor: 'no AppArmor, no huge pages',
  disk: 'the disk is shared: no image is collected, no Pod evicted for it',
  proxy: 'kube-proxy runs in nftables mode: the kernel has not all of the matches of the iptables mode',
  plugin: "Flannel's CNI plugin is not to be had as source: a script of ours makes the same call of the bridge plugin",
  policies: "kube-router's command does not build: its policy controller runs in a small program of ours",
} as const;

type Settings = Readonly<Record<string, unknown>>;

const KUBEADM: Readonly<Record<string, Settings>> = {
  InitConfiguration: {},
  ClusterConfiguration: {
    imageRepository: 'localhost',
    dns: { imageTag: VERSIONS.coredns },
    etcd: {
      local: {
        dataDir: '/var/lib/etcd',
        imageTag: VERSIONS.etcd,
        extraArgs: [{ name: 'unsafe-no-fsync', value: 'true' }],
      },
    },
  },
  KubeletConfiguration: {
    cgroupDriver: 'cgroupfs',
    failCgroupV1: false,
    failSwapOn: false,
    oomScoreAdj: 0,
    maxOpenFiles: 20_000,
    resolvConf: `${INSIDE}/resolv.conf`,
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'nodefs.available': '1%', 'imagefs.available': '1%', 'memory.available': '100Mi' },
  },
  KubeProxyConfiguration: {
    mode: 'nftables',
    oomScoreAdj: 0,
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  },
  JoinConfiguration: {},
};

/** A rendered kubeadm file with the machine's differences laid over it. */
export function kubeadmHere(text: string): string {
  const documents = parseAllDocuments(text).map((document) => {
    const rendered = document.toJS() as Settings & { readonly kind: string; readonly nodeRegistration?: Settings };
    const registration = rendered.nodeRegistration && {
      nodeRegistration: { ...rendered.nodeRegistration, imagePullPolicy: 'Never' },
    };
    return stringify({ ...rendered, ...registration, ...KUBEADM[rendered.kind] });
  });
  return documents.join('---\n');
}

/** The rendered containerd configuration with the machine's differences laid over it. */
export function containerdHere(text: string): string {
  const config = parseToml(text) as {
    plugins: Record<string, { containerd: { runtimes: { runc: { options: object } } } }>;
  };
  const name = 'io.containerd.grpc.v1.cri';
  const cri = config.plugins[name];
  if (cri === undefined) throw new Error(`containerd's configuration has no ${name}`);
  const { runc } = cri.containerd.runtimes;
  return stringifyToml({
    ...config,
    disabled_plugins: ['aufs', 'btrfs', 'zfs', 'devmapper'].map((each) => `io.containerd.snapshotter.v1.${each}`),
    plugins: {
      ...config.plugins,
      'io.containerd.internal.v1.opt': { path: '/run/containerd-opt' },
      [name]: {
        ...cri,
        sandbox_image: IMAGES.pause,
        stream_server_address: '127.0.0.1',
        stream_server_port: '0',
        disable_apparmor: true,
        tolerate_missing_hugetlb_controller: true,
        restrict_oom_score_adj: true,
        containerd: { ...cri.containerd, runtimes: { runc: { ...runc, options: { SystemdCgroup: false } } } },
      },
    },
  });
}

/** A manifest as rendered, but its images are never pulled. */
export function manifestsHere(text: string): string {
  return text.replaceAll(/^( *)(- )?image: (\S+)$/gm, (line, indent: string, dash = '') => {
    return `${line}\n${indent}${dash === '' ? '' : '  '}imagePullPolicy: Never`;
  });
}
