/**
 * The addresses that only you know. These are documentation addresses (RFC 5737), which exist nowhere: put your own here,
 * run `npm run synth` and apply. Nothing else in the repository holds an address of yours.
 */
export interface Addresses {
  /** The network of the nodes' addresses. */
  readonly nodeCidr: string;
  /** The address of `k8s-node`, which users open with port 31000. */
  readonly k8sNode: string;
  /** Networks that no sandbox may reach beside the cluster's own and the private ones, e.g. hypervisor management. */
  readonly extraCidrs: readonly string[];
  /** How the nodes reach everything else, and who tells them names. */
  readonly gateway: string;
  readonly dns: readonly string[];
  /** The interface of every node, as its kernel names it. */
  readonly nic: string;
  /** Networks of those who run the cluster (SSH, Kubernetes API) and of those who use it. */
  readonly admins: readonly string[];
  readonly users: readonly string[];
  /** Who logs in on the nodes, and where they are. */
  readonly system: {
    readonly user: string;
    readonly timeZone: string;
    readonly locale: string;
    readonly ntp: readonly string[];
    /** Public SSH keys; nobody logs in by password. */
    readonly sshKeys: readonly string[];
  };
  /** Management addresses of the hypervisors: of the one with `k8s-node`, the T640 and the T550. */
  readonly hypervisors: { readonly server2: string; readonly t640: string; readonly t550: string };
  /** The virtual machines on the T640 and the T550 that get their cards. */
  readonly gpuWorkers: { readonly t640: GpuWorkerSize; readonly t550: GpuWorkerSize };
}

/** A GPU worker's address, and its size as Kubernetes quantities. */
export interface GpuWorkerSize {
  readonly address: string;
  readonly cpu: string;
  readonly memory: string;
  readonly disk: string;
}

export const PLACEHOLDERS: Addresses = {
  nodeCidr: '192.0.2.0/24',
  k8sNode: '192.0.2.10',
  extraCidrs: ['198.51.100.0/24'],
  gateway: '192.0.2.1',
  dns: ['192.0.2.1'],
  nic: 'ens160',
  admins: ['192.0.2.0/24', '198.51.100.0/24'],
  users: ['192.0.2.0/24', '203.0.113.0/24'],
  system: { user: 'operator', timeZone: 'Asia/Seoul', locale: 'en_US.UTF-8', ntp: ['ntp.ubuntu.com'], sshKeys: [] },
  hypervisors: { server2: '198.51.100.2', t640: '198.51.100.3', t550: '198.51.100.4' },
  gpuWorkers: {
    t640: { address: '192.0.2.11', cpu: '16', memory: '128G', disk: '1T' },
    t550: { address: '192.0.2.12', cpu: '16', memory: '128G', disk: '1T' },
  },
};

/** The networks of placeholders: they exist in documents only (RFC 5737). */
export const DOCUMENTATION_NETWORKS: readonly string[] = ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'];

/** Eco²'s placeholders: its nodes' network in each environment, and names that only their owner knows. */
export const ECO2_PLACEHOLDERS = {
  dev: { nodeCidr: '203.0.113.0/25', subnet: '203.0.113', gateway: '203.0.113.1' },
  prod: { nodeCidr: '203.0.113.128/25', subnet: '203.0.113', gateway: '203.0.113.129' },
  domain: 'eco2.example.org',
  registry: 'registry.example.org/eco2',
  repository: 'https://git.example.org/eco2/berth.git',
  certificate: 'arn:aws:acm:ap-northeast-2:000000000000:certificate/00000000-0000-0000-0000-000000000000',
} as const;

/** The mini PC's placeholders. */
export const MINIPC_PLACEHOLDERS = {
  node: '198.51.100.200',
  nodeCidr: '198.51.100.192/26',
  /** The house's router, which knows names too; the machine's interface; who may come. */
  gateway: '198.51.100.193',
  nic: 'enp1s0',
  admins: ['198.51.100.192/26'],
  users: ['198.51.100.192/26'],
  domain: 'minipc.example.org',
  registry: 'registry.example.org/minipc',
} as const;
