import { vmwareTerminal } from '../cluster/vmware-terminal.js';
import { containerdHere, kubeadmHere } from '../cluster/differences.js';
import { LAB_INVENTORY } from '../cluster/inventory.js';
import { labPlan, nodesOf, spareOf } from '../cluster/lab-plan.js';
import { podPart } from '../cluster/pod-network.js';
import { parse as parseToml } from 'smol-toml';
import { parseAllDocuments } from 'yaml';
import { checkManifests } from '../../charts/nodes/chart-agreement.js';
import { clusterData } from '../../charts/nodes/cluster-data.js';
import { checkInventory } from '../../charts/nodes/inventory-checks.js';
import { synth } from '../../charts/render/synth.js';
import { patched } from '../charts/patched.js';
import { renderedK3s } from '../charts/rendered-k3s.js';
import { fileOf, K3S } from './rendered-nodes.js';

describe('the test cluster', () => {
  test('is an inventory like any other, and nothing is wrong with it', () => {
    expect(checkInventory(LAB_INVENTORY)).toEqual([]);
  });

  test('agrees with the manifests of the k3s cluster, which are applied to it as they are', () => {
    expect(checkManifests(LAB_INVENTORY, renderedK3s())).toEqual([]);
    expect(clusterData(LAB_INVENTORY).network).toEqual(clusterData(K3S).network);
  });

  test('is told when it does not: a GPU worker without its label has no sandbox', () => {
    const told = checkManifests(patched(LAB_INVENTORY, 'hosts.2.labels', {}), renderedK3s());
    expect(told).toContainEqual(expect.objectContaining({ field: 'PodTemplate/gpu-a2 nodeSelector' }));
  });

  test('has as many running machines as are asked for; the others may join, and every firewall knows them', () => {
    const plan = labPlan({ nodes: 2 });
    expect(nodesOf(plan).map(({ name }) => name)).toEqual(['master', 'worker-t4']);
    expect(spareOf(plan).map(({ name }) => name)).toEqual(['worker-a2', 'worker-t4-2']);
    expect(fileOf(plan.inventory, 'master/etc/nftables.conf')).toContain('192.0.2.13');
    expect(() => labPlan({ nodes: 5 })).toThrow('--nodes 5: want a whole number from 1 to 4');
  });

  test('lets nodes into Pods where no tunnel hides them: an API server asks a webhook on another node', () => {
    const rules = fileOf(LAB_INVENTORY, 'worker-t4/etc/nftables.conf');
    expect(rules).toMatch(/iifname "ens160" ip saddr \{[^}]*192\.0\.2\.10[^}]*\} ip daddr 10\.42\.0\.0\/16 accept/);
    expect(rules).not.toContain('8472');
  });

  test('gives each node its part of the Pod network by the order of the inventory', () => {
    expect(LAB_INVENTORY.hosts.map((host) => podPart(LAB_INVENTORY, host))).toEqual([
      '10.42.0.0/24',
      '10.42.1.0/24',
      '10.42.2.0/24',
      '10.42.3.0/24',
    ]);
  });
});

describe('what the machine lays over a rendered file', () => {
  const rendered = fileOf(LAB_INVENTORY, 'master/etc/kubeadm/init.yaml');
  const here = parseAllDocuments(kubeadmHere(rendered, LAB_INVENTORY)).map((each) => each.toJS() as { kind: string });
  const documentOf = (kind: string) => here.find((each) => each.kind === kind);

  test('keeps what the inventory says: addresses, labels, taints, networks, encryption', () => {
    expect(documentOf('InitConfiguration')).toMatchObject({
      localAPIEndpoint: { advertiseAddress: '192.0.2.10', bindPort: 6443 },
      nodeRegistration: { name: 'master', taints: [], imagePullPolicy: 'Never' },
    });
    const { apiServer } = documentOf('ClusterConfiguration') as unknown as {
      apiServer: { extraArgs: { name: string }[]; extraVolumes: { name: string }[] };
    };
    expect(apiServer.extraArgs.map(({ name }) => name)).toEqual([
      'encryption-provider-config',
      'audit-policy-file',
      'audit-log-path',
      'audit-log-maxsize',
    ]);
    expect(apiServer.extraVolumes.map(({ name }) => name)).toEqual(['encryption', 'audit-policy', 'audit-log']);
    expect(documentOf('ClusterConfiguration')).toMatchObject({
      networking: { podSubnet: '10.42.0.0/16', serviceSubnet: '10.43.0.0/16' },
      controllerManager: {
        extraArgs: [
          { name: 'node-cidr-mask-size', value: '24' },
          { name: 'allocate-node-cidrs', value: 'false' },
        ],
      },
    });
    expect(documentOf('KubeProxyConfiguration')).toMatchObject({ nodePortAddresses: ['192.0.2.0/24'] });
  });

  test('leaves runc the default runtime, without systemd, and adds the one that stands for cards', () => {
    expect(parseToml(containerdHere(fileOf(LAB_INVENTORY, 'master/etc/containerd/config.toml')))).toMatchObject({
      plugins: {
        'io.containerd.grpc.v1.cri': {
          containerd: {
            default_runtime_name: 'runc',
            snapshotter: 'overlayfs',
            runtimes: {
              runc: { options: { SystemdCgroup: false } },
              nvidia: { runtime_type: 'io.containerd.runc.v2' },
            },
          },
        },
      },
    });
  });
});

test('the terminal of the VMware lab is kept from that cluster’s own networks, public ones among them', () => {
  const { inventory } = labPlan({ inventory: 'vmware-lab' });
  const files = synth([vmwareTerminal(inventory)], [inventory]);
  const manifests = files.map(({ text }) => text).join('---\n');
  for (const cidr of ['172.100.100.0/24', '192.168.5.0/24', '10.244.0.0/16', '10.96.0.0/12'])
    expect(manifests).toContain(`- ${cidr}`);
});
