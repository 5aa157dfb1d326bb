import { parse } from 'yaml';
import { clusterData } from '../../charts/nodes/cluster-data.js';
import { patched } from '../charts/patched.js';
import { K3S_AGENT_FLAGS, K3S_SERVER_FLAGS } from './k3s-flags.js';
import { fileOf, K3S, yamlOf } from './rendered-nodes.js';

const config = (host: string) => yamlOf(K3S, `${host}/etc/rancher/k3s/config.yaml`)[0] ?? {};

describe('the k3s nodes', () => {
  test('are the machine of the seed, and two planned ones with four cards each', () => {
    expect(K3S.hosts.map(({ name, hypervisor, state, gpus }) => [name, hypervisor, state, gpus])).toEqual([
      ['k8s-node', 'server2', 'running', undefined],
      ['gpu-t640', 't640', 'planned', { product: 'T4', count: 4 }],
      ['gpu-t550', 't550', 'planned', { product: 'A2', count: 4 }],
    ]);
    expect(K3S.hosts[0]?.machine).toMatchObject({ cpu: '8', memory: '240G', disk: '1T' });
    expect(K3S.distribution.version).toBe('v1.34.4+k3s1');
  });

  test('have GPU workers that are machines of their own, not their hypervisors', () => {
    for (const { nics } of K3S.hosts)
      expect(K3S.hypervisors.map(({ address }) => address)).not.toContain(nics[0]?.address);
  });

  test('are configured by flags that k3s documents', () => {
    expect(Object.keys(config('k8s-node')).filter((flag) => !K3S_SERVER_FLAGS.includes(flag))).toEqual([]);
    for (const agent of ['gpu-t640', 'gpu-t550'])
      expect(Object.keys(config(agent)).filter((flag) => !K3S_AGENT_FLAGS.includes(flag))).toEqual([]);
  });

  test('leave out none of the components that the manifests lean on, encrypt Secrets and keep runc as the default', () => {
    expect(config('k8s-node')).toMatchObject({
      'secrets-encryption': true,
      'cluster-cidr': '10.42.0.0/16',
      'service-cidr': '10.43.0.0/16',
      'cluster-dns': '10.43.0.10',
    });
    for (const flag of ['disable', 'disable-network-policy', 'default-runtime', 'docker', 'token', 'node-taint'])
      expect(config('k8s-node')).not.toHaveProperty(flag);
    expect(config('gpu-t640')).not.toHaveProperty('default-runtime');
  });

  test('leave out what the inventory does not list', () => {
    const bare = patched(patched(K3S, 'components', ['coredns']), 'ports', K3S.ports.slice(0, 6));
    const { disable } = parse(fileOf(bare, 'k8s-node/etc/rancher/k3s/config.yaml')) as { disable: string[] };
    expect(disable).toEqual(['traefik', 'metrics-server', 'local-storage']);
    expect(clusterData(bare).components).toEqual(['coredns']);
  });

  test('put CPU work on the master and keep it off the cards', () => {
    expect(config('gpu-t640')).toMatchObject({
      'node-label': expect.arrayContaining(['nvidia.com/gpu.present=true', 'nvidia.com/gpu.product=T4']) as unknown,
      'node-taint': ['nvidia.com/gpu=present:NoSchedule'],
    });
    expect(config('gpu-t550')).toMatchObject({
      'node-label': expect.arrayContaining(['nvidia.com/gpu.product=A2']) as unknown,
    });
  });

  test.each(K3S.hosts.map(({ name }) => name))('kill a greedy process of a sandbox alone on %s', (name) => {
    const [kubelet] = yamlOf(K3S, `${name}/var/lib/rancher/k3s/agent/etc/kubelet.conf.d/90-host.conf`);
    expect(kubelet).toMatchObject({ kind: 'KubeletConfiguration', singleProcessOOMKill: true, maxPods: 110 });
  });

  test("join by the seed's two commands with the version, and the token is read at that moment", () => {
    const join = fileOf(K3S, 'gpu-t640/JOIN.md');
    expect(join).toContain('token=$(ssh operator@192.0.2.10 "sudo cat /var/lib/rancher/k3s/server/node-token")');
    expect(join).toContain(
      'curl -sfL https://get.k3s.io | INSTALL_K3S_VERSION=v1.34.4+k3s1 K3S_URL=https://192.0.2.10:6443 K3S_TOKEN=$token sh -',
    );
    expect(join).toMatch(/nvidia-container-toolkit[^]*agent\/images[^]*get\.k3s\.io/);
    expect(fileOf(K3S, 'RUNBOOK.md')).toContain('curl -sfL https://get.k3s.io | INSTALL_K3S_VERSION=v1.34.4+k3s1 sh -');
  });

  test('ask mirrors for images where the inventory names some', () => {
    const mirrored = patched(K3S, 'registries', [{ registry: 'docker.io', endpoints: ['https://mirror.example'] }]);
    expect(parse(fileOf(mirrored, 'k8s-node/etc/rancher/k3s/registries.yaml'))).toEqual({
      mirrors: { 'docker.io': { endpoint: ['https://mirror.example'] } },
    });
  });
});
