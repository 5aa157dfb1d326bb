import { k3sNodes } from '../../charts/clusters/k3s/nodes.js';
import { PLACEHOLDERS } from '../../charts/clusters/placeholders.js';
import { nthAddress } from '../../charts/nodes/address.js';
import type { Host, Inventory } from '../../charts/nodes/inventory.js';
import type { PortRule } from '../../charts/nodes/ports.js';
import { VERSIONS } from './go-module.js';

const K3S = k3sNodes(PLACEHOLDERS);
const [SERVER, T4, A2] = K3S.hosts as [Host, Host, Host];

const HERE = 'this-machine';

/** A machine of the k3s cluster as the lab has it: its labels, taints, cards and address, on what this machine has. */
function here(host: Host, name: string, address?: string): Host {
  return {
    ...host,
    name,
    hypervisor: HERE,
    nics: host.nics.map((nic) => ({ ...nic, address: address ?? nic.address })),
    machine: {
      cpu: '2',
      memory: '8G',
      disk: '20G',
      filesystem: 'ext4',
      os: 'Debian 12',
      assumption: 'the least that carries the lab: every node reports all that this machine has',
    },
    // What this machine's other programs need is not a node's to keep for them.
    reserved: { cpu: '0', memory: '0' },
  };
}

/** kubeadm's control plane is made of parts that k3s has in one process. */
const CONTROL_PLANE: readonly PortRule[] = [
  ['2379-2380', 'etcd'],
  ['10259', 'kube-scheduler'],
  ['10257', 'kube-controller-manager'],
].map(([ports = '', component = '']) => ({
  ports,
  protocol: 'tcp',
  component,
  purpose: 'for other control planes',
  roles: ['control-plane'],
  from: ['control-planes'],
}));

/**
 * The lab: the k3s cluster, so that `kubectl apply -f cdk8s.out` needs no change here, by kubeadm, because k3s is not to be
 * had as source. Its GPU workers have joined, under other names, and there is one more to come.
 */
export const LAB_INVENTORY: Inventory = {
  ...K3S,
  name: 'lab',
  title: 'The lab: the k3s cluster by kubeadm, on machines made of namespaces',
  distribution: {
    kind: 'kubeadm',
    version: VERSIONS.kubernetes,
    containerd: '1.6',
    pauseImage: `registry.k8s.io/pause:${VERSIONS.pause}`,
  },
  cni: {
    name: 'flannel',
    backend: 'host-gw',
    version: 'v0.26.7',
    pluginVersion: 'v1.6.2-flannel1',
    policyControllerVersion: 'v1.6.1',
  },
  kubeProxyMode: 'nftables',
  hypervisors: [{ name: HERE, kind: 'Linux namespaces' }],
  hosts: [
    here(SERVER, 'master'),
    here(T4, 'worker-t4'),
    here(A2, 'worker-a2'),
    here(T4, 'worker-t4-2', nthAddress(PLACEHOLDERS.nodeCidr, 13)),
  ],
  // Routes between nodes have no port.
  ports: [...K3S.ports.filter(({ component }) => component !== 'flannel'), ...CONTROL_PLANE],
};
