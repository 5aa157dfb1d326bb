import { ECO2_DEV, ECO2_DEV_MACHINES } from '../../charts/clusters/eco2/dev.js';
import { ECO2_PROD, ECO2_PROD_MACHINES } from '../../charts/clusters/eco2/prod.js';
import { MINIPC_DATA, miniPcDelivery } from '../../charts/clusters/minipc/delivery.js';
import { MINIPC_MACHINES } from '../../charts/clusters/minipc/machines.js';
import type { Delivery } from '../../charts/clusters/delivery.js';
import { clusterData } from '../../charts/nodes/cluster-data.js';
import type { Inventory } from '../../charts/nodes/inventory.js';
import { platformDelivery } from '../../charts/platform/platform-delivery.js';
import { synth } from '../../charts/render/synth.js';
import { SynthError } from '../../charts/render/synth-error.js';
import { patched } from '../charts/patched.js';

function complaints(delivery: Delivery, inventory: Inventory): readonly string[] {
  try {
    synth([delivery], [inventory]);
    return [];
  } catch (error) {
    if (error instanceof SynthError) return error.complaints;
    throw error;
  }
}

const DEV = platformDelivery(ECO2_DEV);
const PROD = platformDelivery(ECO2_PROD);
const MINIPC = miniPcDelivery(MINIPC_DATA);

describe('the nodes of other clusters', () => {
  test.each([
    ['Eco² dev', DEV, ECO2_DEV_MACHINES],
    ['Eco² prod', PROD, ECO2_PROD_MACHINES],
    ['the mini PC', MINIPC, MINIPC_MACHINES],
  ])('of %s are an inventory, and the charts know them from there', (_, delivery, inventory) => {
    expect(complaints(delivery, inventory)).toEqual([]);
    expect(delivery.cluster).toMatchObject(clusterData(inventory));
  });

  test('a pool is machines of one size, with the label and the taint that the seed quotes', () => {
    const app = ECO2_PROD_MACHINES.hosts.filter(({ labels }) => labels['node-pool'] === 'app');
    expect(app.map(({ name }) => name)).toEqual(['k8s-worker-1', 'k8s-worker-2', 'k8s-worker-3']);
    for (const { machine, taints } of app) {
      expect(machine).toMatchObject({ cpu: '8', memory: '32Gi' });
      expect(taints).toEqual([{ key: 'workload-type', value: 'api', effect: 'NoSchedule' }]);
    }
  });

  test.each([
    [
      'another label on the machines of a pool',
      'hosts.1.labels',
      { 'node-pool': 'apps' },
      'no machine has these labels',
    ],
    ['no taint where all tolerate one', 'hosts.2.taints', [], 'cluster.nodes'],
    ['a smaller machine', 'hosts.1.machine.memory', '16Gi', 'cluster.nodes'],
    ['a taint that nothing tolerates', 'hosts.1.taints.0.key', 'house/only', 'a taint that it does not tolerate'],
    ['closed node ports', 'ports.9.from', ['nodes'], 'must be open on every worker, to users'],
  ])('are told when they disagree: %s', (_, path, value, complaint) => {
    expect(complaints(DEV, patched(ECO2_DEV_MACHINES, path, value))).toContainEqual(expect.stringContaining(complaint));
  });

  test('of one environment are not held against the other', () => {
    expect(complaints(PROD, ECO2_DEV_MACHINES)).toEqual([]);
  });

  test('are rendered where people install them, not where a cloud does', () => {
    const paths = synth([], [MINIPC_MACHINES, ECO2_DEV_MACHINES]).map(({ path }) => path);
    expect(paths).toContain('nodes/minipc/minipc/etc/rancher/k3s/config.yaml');
    expect(paths.filter((path) => path.includes('eco2'))).toEqual([]);
  });
});
