import type { Host, Inventory } from '../inventory.js';
import { nodeAddress, versionOf } from '../inventory.js';
import { markdown, shell } from './markdown.js';
import { machineSteps, verification } from './runbook-steps.js';

/** From a machine to a k3s server, and on to its agents. */
export function k3sRunbook(inventory: Inventory): string {
  const { title, hosts, manifests } = inventory;
  const [first, ...others] = hosts;
  if (first === undefined) return '';
  const images = hosts.some(({ sandboxes }) => sandboxes);
  const login = loginOf(inventory, first);
  return markdown(
    `${title} – from machines to a cluster`,
    'Run from a checkout of this repository, in this folder. No file here holds a secret: k3s makes its token and its encryption key on the server.',
    ...machineSteps(inventory),
    '## 1. The server',
    'Its configuration is in `/etc/rancher/k3s/config.yaml` already. It leaves out none of the components that the manifests lean on.',
    shell(`ssh ${login} 'curl -sfL https://get.k3s.io | INSTALL_K3S_VERSION=${versionOf(inventory, first)} sh -'`),
    images ? "## 2. The terminal's images, and the manifests" : '## 2. The manifests',
    "From the repository's root:",
    shell(
      ...(images ? [`npm run images -- build import --nodes ${login}`] : []),
      `kubectl apply -f ${manifests ?? `cdk8s.out/${inventory.name}`}`,
    ),
    others.length > 0 ? '## 3. Workers' : '',
    others.map((host) => `- [${host.name}](${host.name}/JOIN.md)`).join('\n'),
    others.length > 0 ? '## 4. Verification' : '## 3. Verification',
    verification(inventory),
    shell(
      `ssh ${login} sudo k3s secrets-encrypt status   # Encryption Status: Enabled`,
      'kubectl get storageclass local-path; kubectl get ingressclass traefik; kubectl top nodes',
    ),
  );
}

/** How one agent joins a k3s server: the seed's two commands, with the version. */
export function k3sJoin(inventory: Inventory, host: Host): string {
  const [first] = inventory.hosts;
  if (first === undefined) return '';
  const { advertiseAddress, port } = inventory.apiServer;
  const [server, agent] = [loginOf(inventory, first), loginOf(inventory, host)];
  const install = `INSTALL_K3S_VERSION=${versionOf(inventory, host)} K3S_URL=https://${advertiseAddress}:${port} K3S_TOKEN=$token sh -`;
  return markdown(
    `${host.name} joins ${inventory.name}`,
    '## 1. The machine',
    `Create it on ${host.hypervisor} and wait for cloud-init, as [the runbook](../RUNBOOK.md) says: \`${host.name}\`, ${nodeAddress(inventory, host)}.`,
    host.gpus ? driverStep(host, agent) : '',
    '## The images, before the node can be scheduled to',
    "k3s imports what lies in this folder when it starts, before its kubelet takes Pods. From the repository's root:",
    shell(
      'npm run images -- build',
      `tar -C .cache/images -c $(cd .cache/images && ls *.tar) | ssh ${agent} 'sudo sh -c "mkdir -p /var/lib/rancher/k3s/agent/images && tar -x -C /var/lib/rancher/k3s/agent/images"'`,
    ),
    "## The seed's two commands",
    'The token is read from the server at this moment and is in no file of ours. Labels and taints are in `/etc/rancher/k3s/config.yaml` of the agent.',
    shell(
      `token=$(ssh ${server} "sudo cat /var/lib/rancher/k3s/server/node-token")`,
      `echo "curl -sfL https://get.k3s.io | ${install}" | ssh ${agent} sh`,
    ),
    '## Verification',
    shell(
      `kubectl wait --for=condition=Ready node/${host.name} --timeout=180s`,
      `kubectl get node ${host.name} -o wide --show-labels`,
      `npm run images -- import check --nodes ${agent}   # imports again, which pins them`,
      ...(host.gpus
        ? [
            `kubectl get node ${host.name} -o jsonpath='{.status.allocatable.nvidia\\.com/gpu}'   # ${host.gpus.count}, once the device plugin runs`,
          ]
        : []),
    ),
  );
}

/** k3s adds the runtime `nvidia` when it finds NVIDIA's toolkit at its start: so the toolkit comes first. */
function driverStep({ hypervisor, gpus }: Host, agent: string): string {
  const repository = 'https://nvidia.github.io/libnvidia-container';
  return [
    '## The cards',
    '',
    `Pass the ${gpus?.count ?? 0} ${gpus?.product ?? ''} of ${hypervisor} through to the machine. k3s adds the runtime \`nvidia\` if it finds NVIDIA's toolkit when it starts; runc stays the default.`,
    '',
    shell(
      `ssh ${agent} 'sudo sh -eu' <<'EOF'`,
      'apt-get install -y ubuntu-drivers-common && ubuntu-drivers install --gpgpu',
      `curl -fsSL ${repository}/gpgkey | gpg --dearmor --yes -o /etc/apt/keyrings/nvidia-container-toolkit.gpg`,
      `echo "deb [signed-by=/etc/apt/keyrings/nvidia-container-toolkit.gpg] ${repository}/stable/deb/amd64 /" > /etc/apt/sources.list.d/nvidia-container-toolkit.list`,
      'apt-get update && apt-get install -y nvidia-container-toolkit',
      'reboot',
      'EOF',
      `ssh ${agent} nvidia-smi -L   # ${gpus?.count ?? 0} cards`,
    ),
  ].join('\n');
}

function loginOf(inventory: Inventory, host: Host): string {
  return `${host.system.user}@${nodeAddress(inventory, host)}`;
}
