import { nthAddress } from '../address.js';
import { COMPONENTS } from '../../model/cluster.js';
import type { Host, Inventory } from '../inventory.js';
import { nodeAddress, nodeNic } from '../inventory.js';
import { kubeletOfHost } from './kubelet.js';
import type { NodeFile } from './node-file.js';
import { yamlText } from './node-file.js';

/** What k3s calls the components that it can leave out. */
const PACKAGED = {
  coredns: 'coredns',
  traefik: 'traefik',
  'metrics-server': 'metrics-server',
  'local-path': 'local-storage',
};

/** k3s's configuration of a host, its mirrors, and what the kubelet has of its own. runc stays the default runtime. */
export function k3sFiles(inventory: Inventory, host: Host): readonly NodeFile[] {
  const config = host.role === 'control-plane' ? serverConfig(inventory, host) : agentConfig(inventory, host);
  const mirrors = inventory.registries.map(({ registry, endpoints }) => [registry, { endpoint: endpoints }] as const);
  return [
    { path: '/etc/rancher/k3s/config.yaml', text: yamlText(config), mode: '0600' },
    {
      path: '/etc/rancher/k3s/registries.yaml',
      text: yamlText({ mirrors: Object.fromEntries(mirrors) }),
      mode: '0600',
    },
    {
      path: '/var/lib/rancher/k3s/agent/etc/kubelet.conf.d/90-host.conf',
      text: yamlText(kubeletOfHost(host)),
      mode: '0600',
    },
  ];
}

function serverConfig(inventory: Inventory, host: Host): object {
  const { apiServer, podCidr, serviceCidr, podPrefix, components } = inventory;
  const missing = COMPONENTS.filter((name) => !components.includes(name)).map((name) => PACKAGED[name]);
  return {
    ...agentConfig(inventory, host),
    'advertise-address': apiServer.advertiseAddress,
    'https-listen-port': apiServer.port,
    'tls-san': [apiServer.advertiseAddress],
    'cluster-cidr': podCidr,
    'service-cidr': serviceCidr,
    'cluster-dns': nthAddress(serviceCidr, 10),
    'flannel-backend': 'vxlan',
    'secrets-encryption': true,
    'kube-controller-manager-arg': [`node-cidr-mask-size=${podPrefix}`],
    ...(missing.length > 0 && { disable: missing }),
  };
}

function agentConfig(inventory: Inventory, host: Host): object {
  const { labels, taints, name } = host;
  return {
    'node-name': name,
    'node-ip': nodeAddress(inventory, host),
    'flannel-iface': nodeNic(inventory, host)?.name,
    'kube-proxy-arg': [`proxy-mode=${inventory.kubeProxyMode}`],
    'node-label': Object.entries(labels).map(([key, value]) => `${key}=${value}`),
    ...(taints.length > 0 && {
      'node-taint': taints.map(({ key, value = '', effect }) => `${key}=${value}:${effect}`),
    }),
  };
}
