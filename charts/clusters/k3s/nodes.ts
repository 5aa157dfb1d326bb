import type { GpuProduct } from '../../model/gpu.js';
import { GPU } from '../../model/gpu.js';
import type { Host, Inventory } from '../../nodes/inventory.js';
import type { Addresses, GpuWorkerSize } from '../placeholders.js';
import { K3S_PORTS, TERMINAL_PORT, TRAEFIK_PORTS } from './ports.js';

const MACHINE = { filesystem: 'ext4', os: 'Ubuntu Server 24.04' } as const;

/** The nodes of the k3s cluster: `k8s-node`, which runs, and the two GPU workers that the seed plans. */
export function k3sNodes(addresses: Addresses): Inventory {
  const { nic, system, hypervisors, gpuWorkers } = addresses;
  const nicAt = (address: string) => [{ name: nic, network: 'lan', address }];

  const gpuWorker = (hypervisor: string, product: GpuProduct, size: GpuWorkerSize): Host => ({
    name: `gpu-${hypervisor}`,
    hypervisor,
    state: 'planned',
    role: 'worker',
    machine: {
      ...MACHINE,
      cpu: size.cpu,
      memory: size.memory,
      disk: size.disk,
      assumption: 'the seed names the cards only: the sizes are yours to set (placeholders.ts)',
    },
    system,
    nics: nicAt(size.address),
    labels: {
      'topology.kubernetes.io/zone': hypervisor,
      [GPU.presentLabel]: 'true',
      [GPU.productLabel]: product,
    },
    taints: [{ key: GPU.taint, value: 'present', effect: 'NoSchedule' }],
    gpus: { product, count: 4 },
    maxPods: 110,
    reserved: { cpu: '500m', memory: '4G' },
    sandboxes: true,
  });

  return {
    name: 'k3s',
    environment: 'prod',
    title: 'k3s: the terminal cluster',
    manifests: 'cdk8s.out',
    distribution: { kind: 'k3s', version: 'v1.34.4+k3s1' },
    networks: [
      {
        name: 'lan',
        title: 'LAN',
        purpose: 'everything: users, cluster traffic, internet',
        cidr: addresses.nodeCidr,
        gateway: addresses.gateway,
        dns: addresses.dns,
      },
    ],
    nodeNetwork: 'lan',
    podCidr: '10.42.0.0/16',
    serviceCidr: '10.43.0.0/16',
    podPrefix: 24,
    apiServer: { advertiseAddress: addresses.k8sNode, port: 6443 },
    kubeProxyMode: 'iptables',
    hypervisors: [
      { name: 'server2', kind: 'VMware ESXi', address: hypervisors.server2 },
      { name: 't640', kind: 'VMware ESXi', address: hypervisors.t640 },
      { name: 't550', kind: 'VMware ESXi', address: hypervisors.t550 },
    ],
    hosts: [
      {
        name: 'k8s-node',
        hypervisor: 'server2',
        state: 'running',
        role: 'control-plane',
        machine: { ...MACHINE, cpu: '8', memory: '240G', disk: '1T' },
        system,
        nics: nicAt(addresses.k8sNode),
        labels: { 'topology.kubernetes.io/zone': 'server2' },
        // Master and worker in one.
        taints: [],
        maxPods: 110,
        // The k3s server with its four components, and the system below it.
        reserved: { cpu: '1', memory: '8G' },
        sandboxes: true,
      },
      gpuWorker('t640', 'T4', gpuWorkers.t640),
      gpuWorker('t550', 'A2', gpuWorkers.t550),
    ],
    ports: [...K3S_PORTS, TERMINAL_PORT, ...TRAEFIK_PORTS],
    nodePorts: ['31000'],
    access: { admins: addresses.admins, users: addresses.users },
    extraCidrs: addresses.extraCidrs,
    components: ['coredns', 'traefik', 'metrics-server', 'local-path'],
    registries: [],
  };
}
