import { nthAddress } from '../address.js';
import type { Host, Inventory } from '../inventory.js';
import { CGROUPS } from './containerd.js';

const API = { apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration' } as const;

/** What is the same for every kubelet of a kubeadm cluster. */
export function kubeletConfiguration({ serviceCidr }: Inventory): object {
  return {
    ...API,
    cgroupDriver: CGROUPS.cgroupDriver,
    clusterDNS: [nthAddress(serviceCidr, 10)],
    clusterDomain: 'cluster.local',
    containerLogMaxSize: '10Mi',
    failSwapOn: true,
  };
}

/** What is this host's alone: a part of a KubeletConfiguration, for kubeadm's patches and k3s's drop-ins. */
export function kubeletOfHost({ maxPods, reserved, sandboxes }: Host): object {
  return {
    ...API,
    maxPods,
    systemReserved: { cpu: reserved.cpu, memory: reserved.memory },
    // A sandbox's greedy process is killed alone: otherwise the kernel ends the keeper and every shell with it.
    ...(sandboxes && { singleProcessOOMKill: true }),
  };
}
