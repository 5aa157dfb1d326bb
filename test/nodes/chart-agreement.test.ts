import type { K3sData } from '../../charts/clusters/k3s/delivery.js';
import { k3sDelivery } from '../../charts/clusters/k3s/delivery.js';
import { internet } from '../../charts/constructs/reach.js';
import { clusterData } from '../../charts/nodes/cluster-data.js';
import { inventoryWarnings } from '../../charts/nodes/inventory-checks.js';
import type { Inventory } from '../../charts/nodes/inventory.js';
import { synth } from '../../charts/render/synth.js';
import { SynthError } from '../../charts/render/synth-error.js';
import { patched } from '../charts/patched.js';
import { DATA } from '../charts/rendered-k3s.js';
import { K3S, LAB } from './rendered-nodes.js';

function complaints(inventory: Inventory, data: K3sData = DATA): readonly string[] {
  try {
    synth([k3sDelivery(data)], [inventory]);
    return [];
  } catch (error) {
    if (error instanceof SynthError) return error.complaints;
    throw error;
  }
}

describe('charts and machines', () => {
  test('agree as committed', () => {
    expect(complaints(K3S)).toEqual([]);
  });

  test.each([
    ['another Pod network', 'podCidr', '10.52.0.0/16', 'cluster.network'],
    [
      'another version',
      'distribution.version',
      'v1.34.5+k3s1',
      'cluster.version = "v1.34.4+k3s1": want what the inventory says',
    ],
    ['a smaller machine', 'hosts.0.machine.memory', '120G', 'cluster.nodes'],
    [
      'no T4',
      'hosts.1.labels',
      {},
      'PodTemplate/gpu-t4 nodeSelector = {"nvidia.com/gpu.present":"true","nvidia.com/gpu.product":"T4"}: no machine has these labels',
    ],
    ['no cards in the T4 worker', 'hosts.1.gpus', undefined, 'PodTemplate/gpu-t4 requests'],
    [
      'a taint of its own on the T4 worker',
      'hosts.1.taints.1',
      { key: 'house/only', effect: 'NoSchedule' },
      'PodTemplate/gpu-t4 tolerations',
    ],
    [
      'a closed terminal',
      'ports.5',
      undefined,
      'Service/web-terminal-service = 31000: the firewall must open this node port to users',
    ],
  ])('do not agree: %s', (_, path, value, complaint) => {
    expect(complaints(patched(K3S, path, value))).toContainEqual(expect.stringContaining(complaint));
  });

  test('do not agree: a toleration of a taint that no machine has', () => {
    const bare = patched(patched(K3S, 'hosts.1.taints', []), 'hosts.2.taints', []);
    const told = complaints(bare);
    expect(told).toContainEqual(expect.stringContaining('toleration = "nvidia.com/gpu": no machine has this taint'));
  });

  test('do not agree: a sandbox that is larger than every machine', () => {
    const data = patched(
      patched(DATA, 'terminal.profiles.0.requests.memory', '250Gi'),
      'terminal.profiles.0.limits.memory',
      '250Gi',
    );
    expect(complaints(K3S, data)).toContainEqual(expect.stringContaining('PodTemplate/small requests'));
  });
});

test('public address space under the nodes is reported, and no sandbox reaches it', () => {
  expect(inventoryWarnings(LAB)).toEqual([
    expect.stringContaining('network host-only, 172.100.100.0/24, is public address space'),
  ]);
  expect(inventoryWarnings(patched(LAB, 'networks.1.cidr', '172.16.100.0/24'))).toEqual([]);
  const [block] = internet({ ...clusterData(LAB), external: [] });
  expect(block?.except).toEqual(
    expect.arrayContaining(['172.100.100.0/24', '192.168.5.0/24', '10.244.0.0/16', '10.96.0.0/12']),
  );
});

test('the cluster of the charts counts the machines that run, and no planned one', () => {
  expect(clusterData(LAB).nodes.map(({ name }) => name)).toEqual(['k8s-master']);
  expect(DATA.cluster).toMatchObject(clusterData(K3S));
});
