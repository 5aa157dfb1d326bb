import type { Cluster } from '../model/cluster.js';
import type { Inventory } from './inventory.js';
import { nodeAddress } from './inventory.js';

/** What the charts know of a cluster, from its inventory: networks, the nodes that run, components. */
export function clusterData(inventory: Inventory): Omit<Cluster, 'external'> {
  const { networks, nodeNetwork, extraCidrs } = inventory;
  const cidrs = (isNodes: boolean) =>
    networks.filter(({ name }) => (name === nodeNetwork) === isNodes).map(({ cidr }) => cidr);
  return {
    name: inventory.name,
    environment: inventory.environment,
    version: inventory.distribution.version,
    network: {
      podCidrs: [inventory.podCidr],
      serviceCidrs: [inventory.serviceCidr],
      nodeCidrs: cidrs(true),
      extraCidrs: [...cidrs(false), ...extraCidrs],
      apiServerPort: inventory.apiServer.port,
    },
    nodes: inventory.hosts
      .filter(({ state }) => state === 'running')
      .map((host) => ({
        name: host.name,
        address: nodeAddress(inventory, host),
        cpu: host.machine.cpu,
        memory: host.machine.memory,
        disk: host.machine.disk,
        maxPods: host.maxPods,
        reserved: host.reserved,
        labels: host.labels,
        taints: host.taints
          .filter(({ effect }) => effect !== 'PreferNoSchedule')
          .map(({ key, value }) => ({ key, ...(value !== undefined && { value }) })),
      })),
    components: inventory.components,
  };
}
