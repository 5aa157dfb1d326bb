import type { Host, Inventory } from '../inventory.js';
import { versionOf } from '../inventory.js';
import { containerdFiles } from './containerd.js';
import { encryptionFiles } from './encryption.js';
import { firewall } from './firewall.js';
import { k3sFiles } from './k3s.js';
import { kernelFiles } from './kernel.js';
import { kubeadmFiles } from './kubeadm.js';
import type { NodeFile } from './node-file.js';
import { packageFiles } from './packages.js';
import { prepareFile } from './prepare.js';

/** Every file that lies on a host because it is a node. Call it on checked data only. */
export function hostFiles(inventory: Inventory, host: Host): readonly NodeFile[] {
  const { distribution, registries } = inventory;
  const ofDistribution =
    distribution.kind === 'kubeadm'
      ? [
          ...packageFiles(distribution, versionOf(inventory, host)),
          ...containerdFiles(distribution, registries),
          ...kubeadmFiles(inventory, host),
          ...(host.role === 'control-plane' ? encryptionFiles() : []),
        ]
      : k3sFiles(inventory, host);
  return [
    ...kernelFiles(),
    { path: '/etc/nftables.conf', text: firewall(inventory, host), mode: '0755' },
    ...ofDistribution,
    prepareFile(inventory, host),
  ];
}
