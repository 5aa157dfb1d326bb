import type { Host, Inventory } from '../inventory.js';
import { nodeAddress } from '../inventory.js';
import { MAKE_ENCRYPTION_KEY } from './encryption.js';
import { DISCOVERY_FILE, INIT_FILE, JOIN_FILE } from './kubeadm.js';
import { markdown, shell } from './markdown.js';
import { PREPARE_NODE } from './prepare.js';
import { machineSteps, verification } from './runbook-steps.js';

/** The seed's six steps for a kubeadm cluster. */
export function kubeadmRunbook(inventory: Inventory): string {
  const { title, hosts, podCidr, apiServer, cni } = inventory;
  const [first, ...others] = hosts;
  if (first === undefined) return '';
  const login = loginOf(inventory, first);
  return markdown(
    `${title} – from machines to a cluster`,
    'Run from a checkout of this repository, in this folder. No file here holds a secret: what is secret is made on the node that needs it.',
    ...machineSteps(inventory),
    '## 1. containerd · 2. kubeadm, kubelet, kubectl',
    `cloud-init ran \`${PREPARE_NODE}\`: containerd with the systemd cgroup driver, and Kubernetes' packages, pinned (\`/etc/apt/preferences.d/kubernetes\`) and held. On a machine that you installed by hand, copy the files of its folder to where their paths say and run it.`,
    shell(
      `ssh ${login} 'apt-mark showhold; kubeadm version -o short; systemctl is-active containerd nftables; swapon --show'`,
    ),
    '## 3. Control plane',
    `The configuration says what the seed's flags said, \`--pod-network-cidr=${podCidr}\` and \`--apiserver-advertise-address=${apiServer.advertiseAddress}\`, and more.`,
    shell(
      `ssh ${login}`,
      `sudo ${MAKE_ENCRYPTION_KEY}`,
      `sudo kubeadm config validate --config ${INIT_FILE}`,
      `sudo kubeadm init --config ${INIT_FILE}`,
      'mkdir -p ~/.kube && sudo install -m 0600 -o "$(id -u)" -g "$(id -g)" /etc/kubernetes/admin.conf ~/.kube/config',
    ),
    'Keep a copy of `/etc/kubernetes/encryption/config.yaml` where you keep secrets: without it, no Secret in a backup of etcd can be read.',
    '## 4. Pod network',
    cniStep(inventory, login),
    '## 5. Workers',
    others.map((host) => `- [${host.name}](${host.name}/JOIN.md)`).join('\n'),
    '## 6. Verification',
    verification(inventory),
    cni?.name === 'flannel'
      ? "The tunnels use the nodes' network, and no packet with a Pod's address is on any other:"
      : '',
    cni?.name === 'flannel'
      ? shell(
          `ssh ${login} 'ip -d link show flannel.1 | grep -o "dev [a-z0-9]*"; sudo nft list chain inet node leaving'`,
        )
      : '',
    'Secrets are encrypted in etcd: the stored value begins with `k8s:enc:secretbox`, not with the text.',
    shell(
      'kubectl create secret generic probe --from-literal=word=plaintext',
      'kubectl -n kube-system exec "$(kubectl -n kube-system get pod -l component=etcd -o name | head -1)" -- etcdctl \\',
      '  --cacert /etc/kubernetes/pki/etcd/ca.crt --cert /etc/kubernetes/pki/etcd/server.crt --key /etc/kubernetes/pki/etcd/server.key \\',
      '  get /registry/secrets/default/probe --print-value-only | head -c 22',
      'kubectl delete secret probe',
    ),
  );
}

/** How one worker joins a kubeadm cluster. */
export function kubeadmJoin(inventory: Inventory, host: Host): string {
  const [first] = inventory.hosts;
  if (first === undefined) return '';
  const { advertiseAddress, port } = inventory.apiServer;
  const [master, worker] = [loginOf(inventory, first), loginOf(inventory, host)];
  const config = 'sudo kubectl config --kubeconfig=/run/discovery.conf';
  return markdown(
    `${host.name} joins ${inventory.name}`,
    '## 1. The machine',
    `Create it and wait for cloud-init, as [the runbook](../RUNBOOK.md) says: \`${host.name}\`, ${nodeAddress(inventory, host)}.`,
    shell(`ssh ${worker} 'cloud-init status --wait && kubeadm version -o short'`),
    '## 2. The images, before any Pod can come',
    "Sandboxes' images are local. They are imported into containerd now, while no kubelet runs. From the repository's root:",
    shell(`npm run images -- import --nodes ${worker}`),
    '## 3. How to find the cluster',
    'The master makes a kubeconfig with its authority and a token of one hour. It exists in the memory of two machines and goes when they restart.',
    shell(
      `ssh ${master} 'sudo sh -eu' <<'EOF'`,
      'umask 077',
      `${config.replace('sudo ', '')} set-cluster ${inventory.name} --server=https://${advertiseAddress}:${port} --certificate-authority=/etc/kubernetes/pki/ca.crt --embed-certs`,
      `${config.replace('sudo ', '')} set-credentials joining --token="$(kubeadm token create --ttl 1h)"`,
      `${config.replace('sudo ', '')} set-context joining --cluster=${inventory.name} --user=joining`,
      `${config.replace('sudo ', '')} use-context joining`,
      'EOF',
      `ssh ${master} 'sudo cat /run/discovery.conf' | ssh ${worker} 'sudo sh -c "umask 077; mkdir -p ${folderOf(DISCOVERY_FILE)}; cat > ${DISCOVERY_FILE}"'`,
    ),
    '## 4. Join',
    shell(
      `ssh ${worker} 'sudo kubeadm config validate --config ${JOIN_FILE} && sudo kubeadm join --config ${JOIN_FILE}'`,
      `ssh ${worker} 'sudo rm ${DISCOVERY_FILE}'; ssh ${master} 'sudo rm /run/discovery.conf'`,
    ),
    '## 5. Verification',
    shell(
      `kubectl wait --for=condition=Ready node/${host.name} --timeout=120s`,
      `kubectl get node ${host.name} -o wide --show-labels   # INTERNAL-IP ${nodeAddress(inventory, host)}`,
      `npm run images -- check --nodes ${worker}`,
    ),
  );
}

function cniStep({ cni, nodeNetwork }: Inventory, login: string): string {
  const apply = (file: string) => `ssh ${login} 'kubectl apply -f -' < ${file}`;
  if (cni?.name === 'calico') {
    const operator = `https://raw.githubusercontent.com/projectcalico/calico/${cni.version}/manifests/tigera-operator.yaml`;
    return `Calico by its operator; it enforces NetworkPolicies itself.\n\n${shell(`ssh ${login} 'kubectl create -f ${operator} && kubectl wait --for=condition=Established crd/installations.operator.tigera.io'`, apply('cni.yaml'))}`;
  }
  const text = `Flannel, told to use the interface on \`${nodeNetwork}\`, and kube-router's policy controller: Flannel alone enforces no NetworkPolicy.`;
  return `${text}\n\n${shell(apply('cni.yaml'), apply('network-policies.yaml'))}`;
}

function loginOf(inventory: Inventory, host: Host): string {
  return `${host.system.user}@${nodeAddress(inventory, host)}`;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
