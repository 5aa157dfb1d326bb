import type { Host, Inventory } from '../inventory.js';
import { networkOf, nodeAddress, nodeNic, versionOf } from '../inventory.js';
import { CRI_SOCKET } from './containerd.js';
import { ENCRYPTION_CONFIG, ENCRYPTION_FOLDER } from './encryption.js';
import { kubeletConfiguration, kubeletOfHost } from './kubelet.js';
import type { NodeFile } from './node-file.js';
import { yamlText } from './node-file.js';

const KUBEADM = 'kubeadm.k8s.io/v1beta4';
const PATCHES = '/etc/kubeadm/patches';

export const INIT_FILE = '/etc/kubeadm/init.yaml';
export const JOIN_FILE = '/etc/kubeadm/join.yaml';
/** A kubeconfig with the cluster's authority and a token, which the join runbook makes; in memory, gone at a reboot. */
export const DISCOVERY_FILE = '/run/kubeadm/discovery.conf';

/** kubeadm's configuration of a host: `init` for the first, `join` for the others, and what the kubelet has of its own. */
export function kubeadmFiles(inventory: Inventory, host: Host): readonly NodeFile[] {
  const first = host === inventory.hosts[0];
  return [
    first ? { path: INIT_FILE, text: initText(inventory, host) } : { path: JOIN_FILE, text: joinText(inventory, host) },
    { path: `${PATCHES}/kubeletconfiguration+strategic.yaml`, text: yamlText(kubeletOfHost(host)) },
  ];
}

function initText(inventory: Inventory, host: Host): string {
  const { name, podCidr, serviceCidr, podPrefix, apiServer, kubeProxyMode } = inventory;
  const nic = nodeNic(inventory, host);
  const nodeCidr = nic && networkOf(inventory, nic)?.cidr;
  return yamlText(
    {
      apiVersion: KUBEADM,
      kind: 'InitConfiguration',
      localAPIEndpoint: { advertiseAddress: apiServer.advertiseAddress, bindPort: apiServer.port },
      nodeRegistration: registration(inventory, host),
      patches: { directory: PATCHES },
    },
    {
      apiVersion: KUBEADM,
      kind: 'ClusterConfiguration',
      clusterName: name,
      kubernetesVersion: versionOf(inventory, host),
      networking: { podSubnet: podCidr, serviceSubnet: serviceCidr, dnsDomain: 'cluster.local' },
      apiServer: {
        extraArgs: flags({ 'encryption-provider-config': ENCRYPTION_CONFIG }),
        extraVolumes: [
          {
            name: 'encryption',
            hostPath: ENCRYPTION_FOLDER,
            mountPath: ENCRYPTION_FOLDER,
            readOnly: true,
            pathType: 'Directory',
          },
        ],
      },
      controllerManager: { extraArgs: flags({ 'node-cidr-mask-size': String(podPrefix) }) },
    },
    kubeletConfiguration(inventory),
    {
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      mode: kubeProxyMode,
      // Node ports are where the nodes are, not on the way to the internet.
      ...(nodeCidr !== undefined && { nodePortAddresses: [nodeCidr] }),
    },
  );
}

function joinText(inventory: Inventory, host: Host): string {
  return yamlText({
    apiVersion: KUBEADM,
    kind: 'JoinConfiguration',
    discovery: { file: { kubeConfigPath: DISCOVERY_FILE } },
    nodeRegistration: registration(inventory, host),
    patches: { directory: PATCHES },
  });
}

function registration(inventory: Inventory, host: Host): object {
  const labels = Object.entries(host.labels).map(([key, value]) => `${key}=${value}`);
  return {
    name: host.name,
    criSocket: CRI_SOCKET,
    imagePullPolicy: 'IfNotPresent',
    kubeletExtraArgs: flags({
      'node-ip': nodeAddress(inventory, host),
      ...(labels.length > 0 && { 'node-labels': labels.join(',') }),
    }),
    // Given, even when empty: kubeadm has a default of its own for control planes.
    taints: host.taints,
  };
}

function flags(values: Readonly<Record<string, string>>): readonly object[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}
