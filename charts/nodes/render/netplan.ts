import { prefixOf } from '../address.js';
import type { Host, Inventory } from '../inventory.js';
import { networkOf } from '../inventory.js';
import { yamlText } from './node-file.js';

/** The host's interfaces for netplan (cloud-init's network-config): static addresses, and only what each network has. */
export function networkConfig(inventory: Inventory, host: Host): string {
  const ethernets = host.nics.map((nic) => {
    const { cidr = '', gateway, dns } = networkOf(inventory, nic) ?? {};
    const settings = {
      dhcp4: false,
      dhcp6: false,
      'accept-ra': false,
      addresses: [`${nic.address}/${prefixOf(cidr)}`],
      ...(gateway !== undefined && { routes: [{ to: 'default', via: gateway }] }),
      ...(dns && { nameservers: { addresses: dns } }),
    };
    return [nic.name, settings] as const;
  });
  return yamlText({ network: { version: 2, renderer: 'networkd', ethernets: Object.fromEntries(ethernets) } });
}
