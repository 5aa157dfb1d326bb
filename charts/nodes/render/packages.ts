import type { KubeadmDistribution } from '../inventory.js';
import type { NodeFile } from './node-file.js';
import { marked } from './node-file.js';

/** Kubernetes' own packages. */
const TOOLS = ['kubeadm', 'kubelet', 'kubectl'] as const;
const KEYRING = '/etc/apt/keyrings/kubernetes-apt-keyring.gpg';

/** Where apt finds Kubernetes, and the versions that it is held to. */
export function packageFiles({ version, containerd }: KubeadmDistribution, own: string): readonly NodeFile[] {
  const pin = (packages: string, release: string) =>
    `Package: ${packages}\nPin: version ${release}\nPin-Priority: 1001\n`;
  return [
    {
      path: '/etc/apt/sources.list.d/kubernetes.list',
      text: marked(`deb [signed-by=${KEYRING}] ${repository(version)} /\n`),
    },
    {
      path: '/etc/apt/preferences.d/kubernetes',
      text: marked(`${pin(TOOLS.join(' '), `${own.slice(1)}-*`)}\n${pin('containerd', `${containerd}.*`)}`),
    },
  ];
}

/** Commands that install what `packageFiles` names and hold it. */
export function installCommands({ version }: KubeadmDistribution): readonly string[] {
  const packages = ['containerd', ...TOOLS].join(' ');
  return [
    'export DEBIAN_FRONTEND=noninteractive',
    'install -d -m 0755 /etc/apt/keyrings',
    `curl -fsSL ${repository(version)}Release.key | gpg --dearmor --yes -o ${KEYRING}`,
    'apt-get update',
    '# The files that are here already stay as they are.',
    `apt-get install -y --allow-change-held-packages -o Dpkg::Options::=--force-confold ${packages}`,
    `apt-mark hold ${packages}`,
    'systemctl enable containerd kubelet',
    'systemctl restart containerd',
  ];
}

function repository(version: string): string {
  const minor = /^v\d+\.\d+/.exec(version)?.[0] ?? version;
  return `https://pkgs.k8s.io/core:/stable:/${minor}/deb/`;
}
