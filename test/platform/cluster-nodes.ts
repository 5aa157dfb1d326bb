import { CoreV1Api, KubernetesObjectApi, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Cluster, ClusterNode } from '../../charts/model/cluster.js';
import { parseQuantity } from '../../charts/model/quantity.js';

/** Makes Nodes of the cluster's data, Ready and empty, as if their kubelets had said so. */
export async function joinNodes(
  config: KubeConfig,
  { version }: Cluster,
  nodes: readonly ClusterNode[],
): Promise<void> {
  const api = config.makeApiClient(CoreV1Api);
  const objects = KubernetesObjectApi.makeApiClient(config);
  for (const node of nodes) {
    const { status, ...body } = nodeOf(node, version);
    await objects.create(body);
    const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
    // Admission gives a new Node a taint until it is known to be ready; the controller that takes it away is not here.
    await api.patchNode({ name: node.name, body: { spec: body.spec } }, merge);
    await api.patchNodeStatus({ name: node.name, body: { status } }, merge);
  }
}

function nodeOf({ name, address, cpu, memory, disk, maxPods, reserved, labels, taints }: ClusterNode, version: string) {
  const left = (whole: string, part: string) => parseQuantity(whole) - parseQuantity(part);
  const capacity = { cpu, memory, pods: String(maxPods), 'ephemeral-storage': disk };
  const now = new Date();
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', ...labels } },
    spec: { taints: (taints ?? []).map((taint) => ({ ...taint, effect: 'NoSchedule' })) },
    status: {
      capacity,
      allocatable: {
        ...capacity,
        cpu: `${Math.round(left(cpu, reserved.cpu) * 1000)}m`,
        memory: String(left(memory, reserved.memory)),
      },
      addresses: [{ type: 'InternalIP', address }],
      conditions: [
        { type: 'Ready', status: 'True', reason: 'Declared', lastHeartbeatTime: now, lastTransitionTime: now },
      ],
      nodeInfo: { ...NODE_INFO, kubeletVersion: version },
    },
  };
}

const NODE_INFO = {
  architecture: 'amd64',
  bootID: '',
  containerRuntimeVersion: 'containerd://2.1.4',
  kernelVersion: '',
  kubeProxyVersion: '',
  machineID: '',
  operatingSystem: 'linux',
  osImage: '',
  systemUUID: '',
};
