import type { RenderedFile } from '../render/render.js';
import type { Host, Inventory } from './inventory.js';
import { calicoManifests } from './render/calico.js';
import { metaData, userData } from './render/cloud-init.js';
import { flannelManifests } from './render/flannel.js';
import { hostFiles } from './render/host-files.js';
import { networkConfig } from './render/netplan.js';
import { networkPlan } from './render/network-plan.js';
import { policyControllerManifests } from './render/policy-controller.js';
import { readme } from './render/readme.js';
import { k3sJoin, k3sRunbook } from './render/runbook-k3s.js';
import { kubeadmJoin, kubeadmRunbook } from './render/runbook-kubeadm.js';

/**
 * All files of one cluster's machines, below `nodes/<cluster>/`: the cluster's own, and one folder a host, in which files
 * have the paths that they have there. Call it on checked data only.
 */
export function nodeFiles(inventory: Inventory): readonly RenderedFile[] {
  const runbook = inventory.distribution.kind === 'k3s' ? k3sRunbook(inventory) : kubeadmRunbook(inventory);
  const texts = [
    ['README.md', readme(inventory)] as const,
    ['RUNBOOK.md', runbook] as const,
    ['network-plan.svg', networkPlan(inventory)] as const,
    ...podNetwork(inventory),
    ...inventory.hosts.flatMap((host) =>
      filesOf(inventory, host).map(([path, text]) => [`${host.name}/${path}`, text] as const),
    ),
  ];
  return texts.map(([path, text]) => ({ path: `nodes/${inventory.name}/${path}`, text, manifests: [] }));
}

function filesOf(inventory: Inventory, host: Host): readonly (readonly [path: string, text: string])[] {
  const files = hostFiles(inventory, host);
  const join = inventory.distribution.kind === 'k3s' ? k3sJoin : kubeadmJoin;
  return [
    ['user-data', userData(inventory, host, files)],
    ['meta-data', metaData(inventory, host)],
    ['network-config', networkConfig(inventory, host)],
    ...(host === inventory.hosts[0] ? [] : [['JOIN.md', join(inventory, host)] as const]),
    ...files.map(({ path, text }) => [path.slice(1), text] as const),
  ];
}

/** The Pod network's manifests: none for k3s, which brings its own. */
function podNetwork(inventory: Inventory): readonly (readonly [path: string, text: string])[] {
  const { cni } = inventory;
  if (cni?.name === 'calico') return [['cni.yaml', calicoManifests(inventory)]];
  if (cni?.name !== 'flannel') return [];
  return [
    ['cni.yaml', flannelManifests(inventory, cni)],
    ['network-policies.yaml', policyControllerManifests(inventory, cni)],
  ];
}
