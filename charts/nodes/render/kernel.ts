import type { NodeFile } from './node-file.js';
import { marked } from './node-file.js';

/** The seed's three settings: Pods' packets are forwarded, and those that cross a bridge pass the firewall. */
const SYSCTLS = {
  'net.ipv4.ip_forward': 1,
  'net.bridge.bridge-nf-call-iptables': 1,
  'net.bridge.bridge-nf-call-ip6tables': 1,
} as const;

/** The seed's two modules: container layers, and the bridge settings above. */
const MODULES = ['overlay', 'br_netfilter'] as const;

/** What the kernel is told at boot. */
export function kernelFiles(): readonly NodeFile[] {
  const sysctls = Object.entries(SYSCTLS).map(([name, value]) => `${name} = ${value}\n`);
  return [
    { path: '/etc/sysctl.d/90-kubernetes.conf', text: marked(sysctls.join('')) },
    { path: '/etc/modules-load.d/kubernetes.conf', text: marked(MODULES.map((name) => `${name}\n`).join('')) },
  ];
}
