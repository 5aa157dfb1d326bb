import type { Inventory } from '../../charts/nodes/inventory.js';
import { synth } from '../../charts/render/synth.js';
import { SynthError } from '../../charts/render/synth-error.js';
import { patched } from '../charts/patched.js';
import { K3S, LAB } from './rendered-nodes.js';

/** What a person is told about this inventory. */
function complaints(inventory: Inventory): readonly string[] {
  try {
    synth([], [inventory]);
    return [];
  } catch (error) {
    if (error instanceof SynthError) return error.complaints;
    throw error;
  }
}

const worker = (path: string) => `hosts.1.${path}`;

describe('machines that cannot be', () => {
  test.each([
    [
      'an address outside its network',
      worker('nics.0.address'),
      '192.168.6.12',
      'ens33.address = "192.168.6.12": want an address of a host in 192.168.5.0/24',
    ],
    ["a network's own address", worker('nics.0.address'), '192.168.5.0', 'want an address of a host in 192.168.5.0/24'],
    [
      'an address that DHCP hands out',
      worker('nics.0.address'),
      '192.168.5.201',
      'DHCP hands out 192.168.5.201 to 192.168.5.254',
    ],
    ['the last address that DHCP hands out', worker('nics.0.address'), '192.168.5.254', 'DHCP hands out'],
    [
      "another host's address",
      worker('nics.1.address'),
      '172.100.100.2',
      'hosts.nics.address = "172.100.100.2": must be unique',
    ],
    ["the gateway's address", worker('nics.0.address'), '192.168.5.2', "is the network's gateway"],
    ["the hypervisor's address", worker('nics.1.address'), '172.100.100.1', "is the hypervisor's"],
    [
      'an interface on no network',
      worker('nics.0.network'),
      'vmnet9',
      'nics.ens33.network = "vmnet9": want the name of one of networks',
    ],
    [
      'no interface for the cluster',
      worker('nics'),
      LAB.hosts[1]?.nics.slice(0, 1),
      "want an interface on host-only, the nodes' network",
    ],
    [
      'Pods on the nodes',
      'podCidr',
      '172.100.100.0/24',
      'podCidr = "172.100.100.0/24": must not overlap networks[1].cidr = 172.100.100.0/24',
    ],
    ['Services among Pods', 'serviceCidr', '10.244.128.0/20', 'must not overlap podCidr = 10.244.0.0/16'],
    [
      'a network with host bits',
      'networks.0.cidr',
      '192.168.5.1/24',
      'networks[0].cidr = "192.168.5.1/24": want an IPv4 network',
    ],
    [
      'a DHCP range backwards',
      'networks.0.dhcp',
      { first: '192.168.5.254', last: '192.168.5.201' },
      'want first not above last',
    ],
    ['two ways out', 'networks.1.gateway', '172.100.100.254', 'want exactly one interface on a network with a gateway'],
    ['more nodes than the Pods have room for', 'podCidr', '10.244.0.0/23', 'has room for 2 nodes of /24, there are 3'],
    ['more Pods than a node has addresses', worker('maxPods'), 253, 'want a whole number from 1 to 252, as /24 has'],
    [
      'an API server at an address of another host',
      'apiServer.advertiseAddress',
      '172.100.100.3',
      "want k8s-master's address on host-only, 172.100.100.2",
    ],
    [
      'an API server on the way to the internet',
      'apiServer.advertiseAddress',
      '192.168.5.11',
      "want k8s-master's address on host-only",
    ],
    [
      'a closed port that the kubelet needs',
      'ports.2',
      undefined,
      '10250/tcp (kubelet)": must be open on every worker, to nodes',
    ],
    ['a closed tunnel', 'ports.7', undefined, '8472/udp (flannel)": must be open on every control-plane, to nodes'],
    [
      'a kubelet that Pods cannot ask',
      'ports.2.from',
      ['nodes'],
      '10250/tcp (kubelet)": must be open on every control-plane, to pods',
    ],
    [
      'an open port that nobody answers',
      'ports.0.ports',
      '6443-6450',
      '6443-6450/tcp (kube-apiserver)": nothing on a control-plane answers nodes there: must be closed',
    ],
    [
      'an API server open to users',
      'ports.0.from',
      ['nodes', 'pods', 'admins', 'users'],
      'nothing on a control-plane answers users there: must be closed',
    ],
    ['a port that is none', 'ports.0.ports', '64430', '64430/tcp'],
    ['Weave', 'cni', { name: 'weave' }, 'cni.name = "weave": Weave Net was archived in June 2024'],
    ['no Pod network', 'cni', undefined, 'a kubeadm cluster wants flannel or calico'],
    ['a master that is too small', 'hosts.0.machine.cpu', '1', 'a control plane of kubeadm wants at least 2'],
    [
      'a reserve above the machine',
      worker('reserved.memory'),
      '4G',
      'reserved.memory = "4G": want a quantity below the whole',
    ],
    [
      "a label of Kubernetes' own",
      worker('labels'),
      { 'node-role.kubernetes.io/worker': '' },
      'no kubelet may give itself this label',
    ],
    ['a label that is none', worker('labels'), { 'a b': 'c' }, 'the key is no label'],
    [
      'a taint with an unknown effect',
      'hosts.0.taints.0.effect',
      'Never',
      'want one of NoSchedule, PreferNoSchedule, NoExecute',
    ],
    [
      'a worker that is newer than its master',
      worker('version'),
      'v1.35.0',
      'hosts.k8s-worker1.version = "v1.35.0": must not be newer than v1.34.4',
    ],
    ['a version that may change', 'distribution.version', 'v1.34', 'want an exact version, e.g. v1.34.4'],
    [
      'a time zone that is none',
      worker('system.timeZone'),
      'Asia/Seul',
      'system.timeZone = "Asia/Seul": want a name such as Asia/Seoul',
    ],
    ['a locale that is none', worker('system.locale'), 'korean', 'want one such as ko_KR.UTF-8'],
    ['a machine on no hypervisor', worker('hypervisor'), 'linux', 'hypervisor = "linux": want one of windows'],
    ['a worker first', 'hosts.0.role', 'worker', 'hosts[0].role = "worker": want a control plane first'],
    ['nobody who may administrate', 'access.admins', [], 'access.admins = []: want at least one network'],
    [
      'a mirror that is no URL',
      'registries',
      [{ registry: 'docker.io', endpoints: ['mirror'] }],
      'registries.docker.io = "mirror": want a URL',
    ],
  ])('are refused: %s', (_, path, value, complaint) => {
    const told = complaints(patched(LAB, path, value));
    expect(told).toContainEqual(expect.stringContaining(complaint));
    expect(told.every((line) => line.startsWith('nodes/vmware-lab '))).toBe(true);
  });

  test.each([
    ['a label that contradicts the cards', 'hosts.1.gpus.product', 'A2', 'want nvidia.com/gpu.product=A2, its cards'],
    ['cards without their taint', 'hosts.1.taints', [], 'want nvidia.com/gpu, which keeps CPU work off'],
    ["k3s's older agent on a newer release", 'hosts.1.version', 'v1.34.4+k3s2', 'must not be newer than v1.34.4+k3s1'],
    ['a second Pod network', 'cni', LAB.cni, 'k3s brings its own Flannel'],
    ['a closed Ingress', 'ports.6', undefined, '80/tcp (traefik)": must be open on every control-plane, to users'],
  ])('are refused on k3s: %s', (_, path, value, complaint) => {
    expect(complaints(patched(K3S, path, value))).toContainEqual(expect.stringContaining(complaint));
  });

  test('are refused for everything at once', () => {
    const one = patched(LAB, 'hosts.1.nics.0.address', '192.168.5.201');
    const two = patched(one, 'podCidr', '172.100.100.0/24');
    const three = patched(two, 'ports.2', undefined);
    const told = complaints(patched(three, 'cni', { name: 'weave' })).join('\n');
    for (const part of ['DHCP hands out', 'must not overlap', '10250/tcp', 'archived']) expect(told).toContain(part);
  });
});

test.each([LAB, K3S])('machines as committed are fine: $name', (inventory) => {
  expect(complaints(inventory)).toEqual([]);
});
