import type { Inventory } from '../inventory.js';
import { networkOf, nodeNic } from '../inventory.js';
import { yamlText } from './node-file.js';

/** What Calico's operator is told: the Pods' network, VXLAN, and the network that tunnels use. The operator comes first. */
export function calicoManifests(inventory: Inventory): string {
  const { podCidr, podPrefix, hosts } = inventory;
  const networks = hosts.flatMap((host) => {
    const nic = nodeNic(inventory, host);
    return nic ? [networkOf(inventory, nic)?.cidr ?? ''] : [];
  });
  return yamlText({
    apiVersion: 'operator.tigera.io/v1',
    kind: 'Installation',
    metadata: { name: 'default' },
    spec: {
      calicoNetwork: {
        bgp: 'Disabled',
        ipPools: [
          { name: 'pods', cidr: podCidr, blockSize: podPrefix, encapsulation: 'VXLAN', natOutgoing: 'Enabled' },
        ],
        nodeAddressAutodetectionV4: { cidrs: [...new Set(networks)] },
      },
    },
  });
}
