import { nthAddress } from '../../charts/nodes/address.js';
import type { Host, Inventory } from '../../charts/nodes/inventory.js';
import { flannelManifests } from '../../charts/nodes/render/flannel.js';
import { policyControllerManifests } from '../../charts/nodes/render/policy-controller.js';

/** Whether the lab itself does what Flannel's `host-gw` does: a bridge on each node and routes between them. */
export function laysRoutes({ cni }: Inventory): boolean {
  return cni?.name === 'flannel' && cni.backend === 'host-gw';
}

/** A node's part of the Pods' network where the lab lays the routes: the inventory's order says which. */
export function podPart(inventory: Inventory, host: Host): string {
  const { podCidr, podPrefix, hosts } = inventory;
  const at = hosts.findIndex(({ name }) => name === host.name);
  return `${nthAddress(podCidr, at * 2 ** (32 - podPrefix))}/${podPrefix}`;
}

/** The bridge of a node, without address translation: one Pod's address is not hidden from another's policies. */
export function bridgeConfig(inventory: Inventory, host: Host): string {
  const bridge = {
    type: 'bridge',
    bridge: 'cni0',
    isGateway: true,
    ipMasq: false,
    hairpinMode: true,
    ipam: {
      type: 'host-local',
      dataDir: '/run/cni-ipam', // forgotten at a reboot, as the Pods are
      ranges: [[{ subnet: podPart(inventory, host) }]],
      routes: [{ dst: '0.0.0.0/0' }],
    },
  };
  const plugins = [bridge, { type: 'portmap', capabilities: { portMappings: true } }];
  return JSON.stringify({ cniVersion: '0.4.0', name: 'berth', plugins }, undefined, 2);
}

/** The rendered manifests of the Pods' network that are applied here. */
export function podNetworkManifests(inventory: Inventory): readonly string[] {
  const { cni } = inventory;
  if (cni?.name !== 'flannel') throw new Error(`${inventory.name}: only Flannel can be brought up here`);
  const policies = policyControllerManifests(inventory, cni);
  return laysRoutes(inventory) ? [policies] : [flannelManifests(inventory, cni), policies];
}
