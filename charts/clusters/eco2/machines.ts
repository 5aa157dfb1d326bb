import type { Host, Inventory } from '../../nodes/inventory.js';
import type { PortRule, Role } from '../../nodes/ports.js';
import { LOGIN_PORTS, portRule } from '../../nodes/ports.js';
import { POOL_LABEL, POOL_TAINT } from '../../platform/placement.js';
import type { NodePool } from '../../platform/platform.js';

/** Sizes that the cloud sells. They are ours: the seed names nodes, not sizes. */
const SIZES = {
  large: { cpu: '2', memory: '8Gi' },
  xlarge: { cpu: '4', memory: '16Gi' },
  '2xlarge': { cpu: '8', memory: '32Gi' },
} as const;

/** A pool: machines of one size, all with its label and its taint. */
export interface MachinePool extends NodePool {
  readonly size: keyof typeof SIZES;
}

const SERVER: readonly Role[] = ['control-plane'];
const EVERY: readonly Role[] = ['control-plane', 'worker'];

/** What the cloud's security group opens. */
const PORTS: readonly PortRule[] = [
  portRule('6443', 'tcp', 'kube-apiserver', SERVER, ['nodes', 'pods', 'admins']),
  portRule('2379-2380', 'tcp', 'etcd', SERVER, ['control-planes']),
  portRule('10259', 'tcp', 'kube-scheduler', SERVER, ['control-planes']),
  portRule('10257', 'tcp', 'kube-controller-manager', SERVER, ['control-planes']),
  portRule('10250', 'tcp', 'kubelet', EVERY, ['nodes', 'pods']),
  ...LOGIN_PORTS,
  portRule('4789', 'udp', 'calico', EVERY, ['nodes']),
  portRule('5473', 'tcp', 'calico-typha', EVERY, ['nodes']),
  { ...portRule('30000-32767', 'tcp', 'NodePort Services', EVERY, ['users']), answeredBy: 'pod' },
];

/** What differs between the environments' machines. */
export interface MachinesProps {
  readonly environment: string;
  readonly nodeCidr: string;
  readonly gateway: string;
  /** The control plane's first. */
  readonly pools: readonly MachinePool[];
}

/** The machines of one environment: self-managed Kubernetes on the cloud's virtual machines. */
export function eco2Machines({ environment, nodeCidr, gateway, pools }: MachinesProps): Inventory {
  const hosts = pools.flatMap(hostsOf);
  const [network] = hosts[0]?.nics ?? [];
  return {
    name: 'eco2',
    environment,
    title: `Eco², ${environment}: kubeadm on virtual machines of a cloud`,
    installedBy: 'cloud',
    distribution: {
      kind: 'kubeadm',
      version: 'v1.34.4',
      containerd: '1.7',
      pauseImage: 'registry.k8s.io/pause:3.10.1',
    },
    networks: [
      { name: 'vpc', title: 'VPC subnet', purpose: 'everything: load balancer, cluster traffic, internet', cidr: nodeCidr, gateway, dns: [gateway] }, // prettier-ignore
    ],
    nodeNetwork: 'vpc',
    podCidr: '10.244.0.0/16',
    serviceCidr: '10.96.0.0/12',
    podPrefix: 24,
    apiServer: { advertiseAddress: network?.address ?? '', port: 6443 },
    // Application calico, version and all: Argo CD installs it.
    cni: { name: 'calico', version: 'v3.30.3' },
    kubeProxyMode: 'iptables',
    hypervisors: [{ name: 'cloud', kind: 'AWS EC2' }],
    hosts,
    ports: PORTS,
    nodePorts: ['30000-32767'],
    // The load balancer has addresses of the subnet, and so has the host that administrators come through.
    access: { admins: [nodeCidr], users: [nodeCidr] },
    extraCidrs: [],
    components: ['coredns', 'metrics-server'],
    registries: [],
  };
}

/** A pool's machines, with what they are chosen by and what keeps others off; a control plane has the taint that kubeadm gives it. */
function hostsOf({ name: pool, workloadType, size, machines }: MachinePool): readonly Host[] {
  return Object.entries(machines).map(([name, address]) => ({
    name,
    hypervisor: 'cloud',
    state: 'running',
    role: workloadType === undefined ? 'control-plane' : 'worker',
    machine: {
      ...SIZES[size],
      disk: '100Gi',
      filesystem: 'ext4',
      os: 'Ubuntu Server 24.04',
      assumption: 'the seed names nodes, not sizes',
    },
    system: { user: 'ubuntu', timeZone: 'Asia/Seoul', locale: 'en_US.UTF-8', ntp: ['169.254.169.123'] },
    nics: [{ name: 'ens5', network: 'vpc', address }],
    labels: { [POOL_LABEL]: pool },
    taints: [
      workloadType === undefined
        ? { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }
        : { key: POOL_TAINT, value: workloadType, effect: 'NoSchedule' },
    ],
    maxPods: 110,
    // The kubelet, the container runtime, and the DaemonSets of the CNI, the mesh, volumes.
    reserved: { cpu: '400m', memory: '1Gi' },
    sandboxes: false,
  }));
}
