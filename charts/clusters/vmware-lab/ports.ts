import type { PortRule, Role } from '../../nodes/ports.js';
import { LOGIN_PORTS, VXLAN_PORT } from '../../nodes/ports.js';

const MASTER: readonly Role[] = ['control-plane'];
const EVERY: readonly Role[] = ['control-plane', 'worker'];
const ALONE = 'It matters with several masters; with one, it answers on loopback and its own address only.';

/** What the lab opens: the seed's table ("포트 매핑", "보안 그룹") first, then what its parts need beside that. */
export const LAB_PORTS: readonly PortRule[] = [
  {
    ports: '6443',
    protocol: 'tcp',
    component: 'kube-apiserver',
    purpose: 'Kubernetes API',
    roles: MASTER,
    from: ['nodes', 'pods', 'admins'],
  },
  {
    ports: '2379-2380',
    protocol: 'tcp',
    component: 'etcd',
    purpose: 'etcd clients and peers',
    roles: MASTER,
    from: ['control-planes'],
    note: ALONE,
  },
  {
    ports: '10250',
    protocol: 'tcp',
    component: 'kubelet',
    purpose: 'Kubelet API',
    roles: EVERY,
    from: ['nodes', 'pods'],
  },
  {
    ports: '10259',
    protocol: 'tcp',
    component: 'kube-scheduler',
    purpose: 'Scheduler',
    roles: MASTER,
    from: ['control-planes'],
    note: ALONE,
  },
  {
    ports: '10257',
    protocol: 'tcp',
    component: 'kube-controller-manager',
    purpose: 'Controller Manager',
    roles: MASTER,
    from: ['control-planes'],
    note: ALONE,
  },
  ...LOGIN_PORTS,
  VXLAN_PORT,
  {
    ports: '30000-32767',
    protocol: 'tcp',
    component: 'NodePort Services',
    purpose: 'Services for users, the terminal on 31000 among them',
    roles: EVERY,
    from: ['users'],
    answeredBy: 'pod',
  },
];
