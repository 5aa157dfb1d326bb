import type { Inventory } from '../../nodes/inventory.js';
import { K3S_PORTS, TRAEFIK_PORTS } from '../k3s/ports.js';
import { MINIPC_PLACEHOLDERS, PLACEHOLDERS } from '../placeholders.js';

const { node, nodeCidr, gateway, nic, admins, users } = MINIPC_PLACEHOLDERS;

/** The mini PC itself: one machine, without a hypervisor, that is all of its cluster. */
export const MINIPC_MACHINES: Inventory = {
  name: 'minipc',
  environment: 'all',
  title: 'The mini PC: k3s on one machine',
  distribution: { kind: 'k3s', version: 'v1.34.4+k3s1' },
  networks: [
    {
      name: 'lan',
      title: 'LAN',
      purpose: 'everything: users, administrators, internet',
      cidr: nodeCidr,
      gateway,
      dns: [gateway],
    },
  ],
  nodeNetwork: 'lan',
  podCidr: '10.42.0.0/16',
  serviceCidr: '10.43.0.0/16',
  podPrefix: 24,
  apiServer: { advertiseAddress: node, port: 6443 },
  kubeProxyMode: 'iptables',
  hypervisors: [{ name: 'minipc', kind: 'bare metal' }],
  hosts: [
    {
      name: 'minipc',
      hypervisor: 'minipc',
      state: 'running',
      role: 'control-plane',
      machine: { cpu: '4', memory: '16Gi', disk: '512G', filesystem: 'ext4', os: 'Ubuntu Server 24.04' },
      system: PLACEHOLDERS.system,
      nics: [{ name: nic, network: 'lan', address: node }],
      labels: {},
      // Master and worker in one.
      taints: [],
      maxPods: 110,
      // k3s with its four components takes about 1 GB.
      reserved: { cpu: '500m', memory: '1Gi' },
      sandboxes: false,
    },
  ],
  ports: [...K3S_PORTS, ...TRAEFIK_PORTS],
  nodePorts: [],
  access: { admins, users },
  extraCidrs: [],
  components: ['coredns', 'traefik', 'metrics-server', 'local-path'],
  registries: [],
};
