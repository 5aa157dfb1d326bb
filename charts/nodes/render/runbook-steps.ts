import type { Inventory } from '../inventory.js';
import { nodeAddress } from '../inventory.js';
import { list, shell, table } from './markdown.js';

/** How the machines come to be: the same for every distribution. */
export function machineSteps(inventory: Inventory): readonly string[] {
  const { hypervisors, hosts, networks } = inventory;
  const workstation = hypervisors.some(({ kind }) => kind === 'VMware Workstation on Windows');
  const vmnets = networks.map(
    ({ title, cidr, dhcp }) => `${title}: ${cidr}, DHCP ${dhcp ? `${dhcp.first} to ${dhcp.last}` : 'off'}`,
  );
  return [
    '## 0. Machines',
    workstation ? `In VMware's Virtual Network Editor:\n\n${list(vmnets)}` : '',
    table(
      [
        hypervisors.every(({ kind }) => kind === 'bare metal') ? 'machine' : 'virtual machine',
        'on',
        'CPU',
        'RAM',
        'disk',
        'interfaces, in this order',
      ],
      hosts.map(({ name, hypervisor, machine, nics, gpus }) => [
        name,
        hypervisor,
        machine.cpu,
        machine.memory,
        `${machine.disk} (${machine.filesystem})`,
        `${nics.map((nic) => `${nic.name}: ${nic.network}`).join(', ')}${gpus ? `; ${gpus.count} × ${gpus.product} as PCI devices` : ''}`,
      ]),
    ),
    `${hosts[0]?.machine.os ?? ''} from its cloud image. Put your public SSH key into \`sshKeys\` of the inventory's data and render again: nobody logs in by password. Then give each machine its three files as a NoCloud seed:`,
    shell(
      `for host in ${hosts.map(({ name }) => name).join(' ')}; do`,
      '  cloud-localds --network-config=$host/network-config $host.iso $host/user-data $host/meta-data   # attach as CD-ROM',
      'done',
      ...hosts.map((host) => `ssh ${host.system.user}@${nodeAddress(inventory, host)} cloud-init status --wait`),
    ),
  ];
}

/** What is looked at when the cluster is up. */
export function verification(inventory: Inventory): string {
  const addresses = inventory.hosts.map((host) => nodeAddress(inventory, host)).join(', ');
  return shell(
    `kubectl get nodes -o wide          # all Ready; INTERNAL-IP ${addresses}`,
    'kubectl get pods -A                # all Running',
    'kubectl get nodes -o jsonpath=\'{range .items[*]}{.metadata.name} {.spec.podCIDR}{"\\n"}{end}\'',
    'kubectl run probe --image=registry.k8s.io/e2e-test-images/agnhost:2.53 --restart=Never -- pause',
    'kubectl wait --for=condition=Ready pod/probe && kubectl exec probe -- nslookup kubernetes.default && kubectl delete pod probe',
  );
}
