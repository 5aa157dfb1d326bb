import type { Inventory } from './inventory.js';
import type { PortRule, Role } from './ports.js';
import { portRule } from './ports.js';

const SERVER: readonly Role[] = ['control-plane'];
const EVERY: readonly Role[] = ['control-plane', 'worker'];

/** What listens where: a fact about each component, whatever an inventory opens. Sources: kubernetes.io, k3s and CNI docs. */
const COMMON: readonly PortRule[] = [
  portRule('22', 'tcp', 'sshd', EVERY, ['admins']),
  portRule('', 'icmp', 'ping', EVERY, ['nodes', 'admins']),
  portRule('6443', 'tcp', 'kube-apiserver', SERVER, ['nodes', 'pods', 'admins']),
  portRule('10250', 'tcp', 'kubelet', EVERY, ['nodes', 'pods']),
];

const KUBEADM: readonly PortRule[] = [
  portRule('2379-2380', 'tcp', 'etcd', SERVER, ['control-planes']),
  portRule('10259', 'tcp', 'kube-scheduler', SERVER, ['control-planes']),
  portRule('10257', 'tcp', 'kube-controller-manager', SERVER, ['control-planes']),
];

const VXLAN = portRule('8472', 'udp', 'flannel', EVERY, ['nodes']);

/** Every port that the inventory's chosen components answer on; nothing else has a reason to be open. */
export function portNeeds({ distribution, cni, components, nodePorts }: Inventory): readonly PortRule[] {
  return [
    ...COMMON,
    ...(distribution.kind === 'kubeadm' ? KUBEADM : [VXLAN]),
    ...(cni?.name === 'flannel' && cni.backend === 'vxlan' ? [VXLAN] : []),
    ...(cni?.name === 'calico'
      ? [portRule('4789', 'udp', 'calico', EVERY, ['nodes']), portRule('5473', 'tcp', 'calico-typha', EVERY, ['nodes'])]
      : []),
    ...(components.includes('traefik')
      ? ['80', '443'].map((port) => ({
          ...portRule(port, 'tcp', 'traefik', EVERY, ['users']),
          answeredBy: 'pod' as const,
        }))
      : []),
    ...nodePorts.map((ports) => ({
      ...portRule(ports, 'tcp', 'NodePort Services', EVERY, ['users']),
      answeredBy: 'pod' as const,
    })),
  ];
}
