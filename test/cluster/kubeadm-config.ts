import { stringify } from 'yaml';
import { VERSIONS } from './go-module.js';
import type { Inventory, LabNode } from './inventory.js';
import { INSIDE } from './host-process.js';
import { RESOLV_CONF } from './node-host.js';

/** How a node finds the cluster and proves that it may join. */
export interface JoinTicket {
  readonly token: string;
  /** `sha256:` and the hash of the cluster CA's public key. */
  readonly caHash: string;
}

/** Port of the API server on its node. */
export const API_PORT = 6443;

/** Where the API server of a control plane writes its audit log. */
export const AUDIT_LOG = '/var/log/kubernetes/audit.log';

const AUDIT_POLICY = `${INSIDE}/audit-policy.yaml`;
const CONTAINERD = 'unix:///run/containerd/containerd.sock';

const flags = (values: Readonly<Record<string, string>>): readonly object[] =>
  Object.entries(values).map(([name, value]) => ({ name, value }));

const documents = (...parts: readonly object[]): string => parts.map((part) => stringify(part)).join('---\n');

function registration(node: LabNode): object {
  const labels = Object.entries(node.labels).map(([key, value]) => `${key}=${value}`);
  return {
    name: node.name,
    criSocket: CONTAINERD,
    imagePullPolicy: 'Never',
    kubeletExtraArgs: flags({
      'node-ip': node.address,
      ...(labels.length > 0 ? { 'node-labels': labels.join(',') } : {}),
    }),
    // Given, even when empty: kubeadm's own default keeps Pods off the control plane, and ours is a worker too.
    taints: node.taints,
  };
}

/** Every request of every user, without bodies: who used which verb on what. */
export function auditPolicy(): string {
  return stringify({
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [{ level: 'Metadata' }],
  });
}

/** `kubeadm init --config`: the control plane, and the kubelet's and kube-proxy's settings for all nodes. */
export function initConfig(lab: Inventory, node: LabNode): string {
  const kubeadm = 'kubeadm.k8s.io/v1beta4';
  return documents(
    {
      apiVersion: kubeadm,
      kind: 'InitConfiguration',
      localAPIEndpoint: { advertiseAddress: node.address, bindPort: API_PORT },
      nodeRegistration: registration(node),
    },
    {
      apiVersion: kubeadm,
      kind: 'ClusterConfiguration',
      kubernetesVersion: VERSIONS.kubernetes,
      imageRepository: 'localhost',
      networking: { podSubnet: lab.podSubnet, serviceSubnet: lab.serviceSubnet },
      dns: { imageTag: VERSIONS.coredns },
      etcd: {
        // A lab survives the end of any process, not a power cut; etcd's fsync is most of an idle cluster's disk traffic.
        local: { dataDir: '/var/lib/etcd', imageTag: VERSIONS.etcd, extraArgs: flags({ 'unsafe-no-fsync': 'true' }) },
      },
      apiServer: {
        certSANs: ['127.0.0.1', 'localhost', node.address],
        extraArgs: flags({
          'audit-policy-file': AUDIT_POLICY,
          'audit-log-path': AUDIT_LOG,
          'audit-log-maxsize': '200',
        }),
        extraVolumes: [
          { name: 'audit-policy', hostPath: AUDIT_POLICY, mountPath: AUDIT_POLICY, readOnly: true, pathType: 'File' },
          {
            name: 'audit-log',
            hostPath: '/var/log/kubernetes',
            mountPath: '/var/log/kubernetes',
            pathType: 'DirectoryOrCreate',
          },
        ],
      },
      controllerManager: {
        extraArgs: flags({
          // The inventory says which Pods' addresses are where.
          'allocate-node-cidrs': 'false',
        }),
      },
    },
    {
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      cgroupDriver: 'cgroupfs',
      failCgroupV1: false,
      failSwapOn: false,
      // Lowering it takes CAP_SYS_RESOURCE, which this machine may not have.
      oomScoreAdj: 0,
      maxOpenFiles: 20_000,
      containerLogMaxSize: '10Mi',
      resolvConf: RESOLV_CONF,
      // Nothing that was collected could be pulled again; the machine's disk is not this node's to tidy.
      imageGCHighThresholdPercent: 100,
      evictionHard: { 'nodefs.available': '1%', 'imagefs.available': '1%', 'memory.available': '100Mi' },
    },
    {
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      mode: 'nftables',
      oomScoreAdj: 0,
      // Conntrack's size and time-outs are the machine's.
      conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    },
  );
}

/** `kubeadm join --config` for a worker. */
export function joinConfig(controlPlane: LabNode, node: LabNode, ticket: JoinTicket): string {
  const discovery = {
    apiServerEndpoint: `${controlPlane.address}:${API_PORT}`,
    token: ticket.token,
    caCertHashes: [ticket.caHash],
  };
  return documents({
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'JoinConfiguration',
    discovery: { bootstrapToken: discovery },
    nodeRegistration: registration(node),
  });
}
