import type { PortRule, Role } from '../../nodes/ports.js';
import { LOGIN_PORTS, VXLAN_PORT } from '../../nodes/ports.js';

const SERVER: readonly Role[] = ['control-plane'];
const EVERY: readonly Role[] = ['control-plane', 'worker'];

/** What the nodes of every k3s cluster open. */
export const K3S_PORTS: readonly PortRule[] = [
  {
    ports: '6443',
    protocol: 'tcp',
    component: 'kube-apiserver',
    purpose: "Kubernetes API and k3s's supervisor, which agents join through",
    roles: SERVER,
    from: ['nodes', 'pods', 'admins'],
  },
  {
    ports: '10250',
    protocol: 'tcp',
    component: 'kubelet',
    purpose: 'Kubelet API and metrics',
    roles: EVERY,
    from: ['nodes', 'pods'],
  },
  VXLAN_PORT,
  ...LOGIN_PORTS,
];

/** What Traefik opens beside that. */
export const TRAEFIK_PORTS: readonly PortRule[] = ['80', '443'].map((ports): PortRule => ({
  ports,
  protocol: 'tcp',
  component: 'traefik',
  purpose: 'Ingress',
  roles: EVERY,
  from: ['users'],
  answeredBy: 'pod',
}));

/** The entrance of the web terminal. */
export const TERMINAL_PORT: PortRule = {
  ports: '31000',
  protocol: 'tcp',
  component: 'NodePort Services',
  purpose: 'the web terminal',
  roles: EVERY,
  from: ['users'],
  answeredBy: 'pod',
};
