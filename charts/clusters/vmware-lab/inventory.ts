import type { Host, Inventory } from '../../nodes/inventory.js';
import { LAB_PORTS } from './ports.js';

const HOST_ONLY = '172.100.100.0/24';

/** What every virtual machine of the lab is like. */
const MACHINE = {
  hypervisor: 'windows',
  machine: { cpu: '2', memory: '4G', disk: '100G', filesystem: 'ext4', os: 'Ubuntu Server 24.04' },
  system: { user: 'pista', timeZone: 'Asia/Seoul', locale: 'ko_KR.UTF-8', ntp: ['time.ravnus.com'] },
  labels: { 'topology.kubernetes.io/zone': 'windows' },
  maxPods: 110,
  reserved: { cpu: '250m', memory: '512M' },
} as const;

function worker(number: 1 | 2): Host {
  return {
    ...MACHINE,
    name: `k8s-worker${number}`,
    state: 'planned',
    role: 'worker',
    machine: { ...MACHINE.machine, assumption: "the seed names no size for workers: the master's" },
    nics: [
      { name: 'ens33', network: 'nat', address: `192.168.5.${11 + number}` },
      { name: 'ens37', network: 'host-only', address: `172.100.100.${2 + number}` },
    ],
    taints: [],
    sandboxes: true,
  };
}

/** The VMware lab: a master and two workers on one Windows host, each with a way out (NAT) and a way to each other. */
export const VMWARE_LAB: Inventory = {
  name: 'vmware-lab',
  environment: 'dev',
  title: 'VMware Workstation lab: kubeadm on three virtual machines',
  distribution: {
    kind: 'kubeadm',
    version: 'v1.34.4',
    containerd: '1.7',
    pauseImage: 'registry.k8s.io/pause:3.10.1',
  },
  networks: [
    {
      name: 'nat',
      title: 'VMnet8 (NAT)',
      purpose: 'virtual machines ↔ internet',
      cidr: '192.168.5.0/24',
      hypervisorAddress: '192.168.5.1',
      gateway: '192.168.5.2',
      // The seed's picture says 8.8.8.4, its table 8.8.4.4: the table is right, 8.8.8.4 answers nobody.
      dns: ['8.8.8.8', '8.8.4.4'],
      dhcp: { first: '192.168.5.201', last: '192.168.5.254' },
    },
    {
      name: 'host-only',
      title: 'VMnet1 (Host-only)',
      purpose: 'Windows host ↔ virtual machines, and all cluster traffic',
      cidr: HOST_ONLY,
      hypervisorAddress: '172.100.100.1',
    },
  ],
  nodeNetwork: 'host-only',
  podCidr: '10.244.0.0/16',
  serviceCidr: '10.96.0.0/12',
  podPrefix: 24,
  apiServer: { advertiseAddress: '172.100.100.2', port: 6443 },
  cni: {
    name: 'flannel',
    backend: 'vxlan',
    version: 'v0.26.7',
    pluginVersion: 'v1.6.2-flannel1',
    policyControllerVersion: 'v1.6.1',
  },
  kubeProxyMode: 'iptables',
  hypervisors: [{ name: 'windows', kind: 'VMware Workstation on Windows' }],
  hosts: [
    {
      ...MACHINE,
      name: 'k8s-master',
      state: 'running',
      role: 'control-plane',
      nics: [
        { name: 'ens33', network: 'nat', address: '192.168.5.11' },
        { name: 'ens37', network: 'host-only', address: '172.100.100.2' },
      ],
      taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }],
      // etcd, the API server and their kin live in what Pods may use; this is what the system below them needs.
      sandboxes: false,
    },
    worker(1),
    worker(2),
  ],
  ports: LAB_PORTS,
  nodePorts: ['30000-32767'],
  access: { admins: [HOST_ONLY], users: [HOST_ONLY] },
  extraCidrs: [],
  components: ['coredns'],
  registries: [],
};
