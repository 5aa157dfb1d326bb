import { parse as parseToml } from 'smol-toml';
import { parse } from 'yaml';
import { portRange } from '../../charts/nodes/ports.js';
import { documentOf, fileOf, LAB, rendered, yamlOf } from './rendered-nodes.js';

const NAMES = ['k8s-master', 'k8s-worker1', 'k8s-worker2'];

describe('the VMware lab, as the seed draws it', () => {
  test('is one master and two workers, each with an address on both networks', () => {
    const where = LAB.hosts.map(({ name, nics }) => [name, ...nics.map((nic) => `${nic.name} ${nic.address}`)]);
    expect(where).toEqual([
      ['k8s-master', 'ens33 192.168.5.11', 'ens37 172.100.100.2'],
      ['k8s-worker1', 'ens33 192.168.5.12', 'ens37 172.100.100.3'],
      ['k8s-worker2', 'ens33 192.168.5.13', 'ens37 172.100.100.4'],
    ]);
    expect(LAB.hosts.map(({ state }) => state)).toEqual(['running', 'planned', 'planned']);
  });

  test('is made of machines with 2 CPUs, 4 GB and 100 GB of ext4; for workers that is our assumption, and says so', () => {
    for (const { machine, system } of LAB.hosts) {
      expect(machine).toMatchObject({
        cpu: '2',
        memory: '4G',
        disk: '100G',
        filesystem: 'ext4',
        os: 'Ubuntu Server 24.04',
      });
      expect(system).toEqual({
        user: 'pista',
        timeZone: 'Asia/Seoul',
        locale: 'ko_KR.UTF-8',
        ntp: ['time.ravnus.com'],
      });
    }
    expect(LAB.hosts.map(({ machine }) => machine.assumption !== undefined)).toEqual([false, true, true]);
  });

  test.each(NAMES)('gives ens33 of %s a way out and its DNS, and ens37 neither; DHCP is off on both', (name) => {
    const { network } = parse(fileOf(LAB, `${name}/network-config`)) as {
      network: { ethernets: Record<string, object> };
    };
    const { ens33, ens37, ...others } = network.ethernets;
    expect(others).toEqual({});
    expect(ens33).toMatchObject({
      dhcp4: false,
      routes: [{ to: 'default', via: '192.168.5.2' }],
      nameservers: { addresses: ['8.8.8.8', '8.8.4.4'] },
    });
    expect(ens37).toMatchObject({ dhcp4: false, addresses: [expect.stringMatching(/^172\.100\.100\.\d\/24$/)] });
    expect(Object.keys(ens37 ?? {})).not.toEqual(expect.arrayContaining(['routes']));
    expect(Object.keys(ens37 ?? {})).not.toEqual(expect.arrayContaining(['nameservers']));
  });

  test("avoids what VMnet8's DHCP hands out", () => {
    expect(LAB.networks[0]).toMatchObject({ dhcp: { first: '192.168.5.201', last: '192.168.5.254' } });
  });

  test('is initialised with what the two flags of the seed say', () => {
    const path = 'k8s-master/etc/kubeadm/init.yaml';
    // kubeadm init --pod-network-cidr=10.244.0.0/16 --apiserver-advertise-address=172.100.100.2
    expect(documentOf(LAB, path, 'ClusterConfiguration')).toMatchObject({
      apiVersion: 'kubeadm.k8s.io/v1beta4',
      kubernetesVersion: 'v1.34.4',
      networking: { podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/12' },
    });
    expect(documentOf(LAB, path, 'InitConfiguration')).toMatchObject({
      localAPIEndpoint: { advertiseAddress: '172.100.100.2', bindPort: 6443 },
    });
    expect(fileOf(LAB, 'RUNBOOK.md')).toContain('sudo kubeadm init --config /etc/kubeadm/init.yaml');
  });

  test('keeps cluster traffic on ens37: node addresses, node ports, the join endpoint and the tunnels', () => {
    const nodeIp = (path: string, kind: string) =>
      (
        documentOf(LAB, path, kind) as { nodeRegistration: { kubeletExtraArgs: { name: string; value: string }[] } }
      ).nodeRegistration.kubeletExtraArgs.find(({ name }) => name === 'node-ip')?.value;
    expect(nodeIp('k8s-master/etc/kubeadm/init.yaml', 'InitConfiguration')).toBe('172.100.100.2');
    expect(nodeIp('k8s-worker1/etc/kubeadm/join.yaml', 'JoinConfiguration')).toBe('172.100.100.3');
    expect(nodeIp('k8s-worker2/etc/kubeadm/join.yaml', 'JoinConfiguration')).toBe('172.100.100.4');
    expect(documentOf(LAB, 'k8s-master/etc/kubeadm/init.yaml', 'KubeProxyConfiguration')).toMatchObject({
      mode: 'iptables',
      nodePortAddresses: ['172.100.100.0/24'],
    });
    expect(fileOf(LAB, 'k8s-worker1/JOIN.md')).toContain('--server=https://172.100.100.2:6443');
    const daemon = documentOf(LAB, 'cni.yaml', 'DaemonSet') as {
      spec: { template: { spec: { containers: { args: string[] }[] } } };
    };
    expect(daemon.spec.template.spec.containers[0]?.args).toEqual(['--ip-masq', '--kube-subnet-mgr', '--iface=ens37']);
    expect(fileOf(LAB, 'k8s-master/etc/nftables.conf')).toContain(
      'oifname { "ens33" } ip saddr { 10.244.0.0/16, 10.96.0.0/12 } drop',
    );
  });

  test('tells Flannel the Pods that kubeadm was told, and brings a policy controller, because Flannel enforces nothing', () => {
    const { data } = documentOf(LAB, 'cni.yaml', 'ConfigMap') as { data: Record<string, string> };
    expect(JSON.parse(data['net-conf.json'] ?? '')).toMatchObject({
      Network: '10.244.0.0/16',
      Backend: { Type: 'vxlan' },
    });
    expect(fileOf(LAB, 'network-policies.yaml')).toContain('--run-firewall=true');
    expect(fileOf(LAB, 'RUNBOOK.md')).toMatch(/< cni\.yaml[^]*< network-policies\.yaml/);
  });

  test.each(NAMES)('has one cgroup driver on %s, in the words of containerd and of the kubelet', (name) => {
    const config = parseToml(fileOf(LAB, `${name}/etc/containerd/config.toml`));
    expect(config).toMatchObject({
      version: 2,
      plugins: {
        'io.containerd.grpc.v1.cri': {
          sandbox_image: 'registry.k8s.io/pause:3.10.1',
          containerd: {
            snapshotter: 'overlayfs',
            default_runtime_name: 'runc',
            runtimes: { runc: { options: { SystemdCgroup: true } } },
          },
        },
      },
    });
    const kubelet = documentOf(LAB, 'k8s-master/etc/kubeadm/init.yaml', 'KubeletConfiguration');
    expect(kubelet).toMatchObject({ cgroupDriver: 'systemd', failSwapOn: true, clusterDNS: ['10.96.0.10'] });
  });

  test('kills a greedy process of a sandbox alone, where sandboxes may run', () => {
    const patch = (name: string) => yamlOf(LAB, `${name}/etc/kubeadm/patches/kubeletconfiguration+strategic.yaml`)[0];
    expect(NAMES.map((name) => patch(name)?.['singleProcessOOMKill'])).toEqual([undefined, true, true]);
    expect(patch('k8s-worker1')).toMatchObject({ maxPods: 110, systemReserved: { cpu: '250m', memory: '512M' } });
  });

  test.each(NAMES)('sets three sysctls and two modules on %s', (name) => {
    const lines = (path: string) =>
      fileOf(LAB, `${name}/etc/${path}`)
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'));
    expect(lines('sysctl.d/90-kubernetes.conf')).toEqual([
      'net.ipv4.ip_forward = 1',
      'net.bridge.bridge-nf-call-iptables = 1',
      'net.bridge.bridge-nf-call-ip6tables = 1',
    ]);
    expect(lines('modules-load.d/kubernetes.conf')).toEqual(['overlay', 'br_netfilter']);
  });

  test('pins containerd and Kubernetes, holds them, and takes them from the minor release of the cluster', () => {
    expect(fileOf(LAB, 'k8s-worker1/etc/apt/preferences.d/kubernetes')).toMatch(
      /Package: kubeadm kubelet kubectl\nPin: version 1\.34\.4-\*[^]*Package: containerd\nPin: version 1\.7\.\*/,
    );
    expect(fileOf(LAB, 'k8s-worker1/etc/apt/sources.list.d/kubernetes.list')).toContain('/core:/stable:/v1.34/deb/ /');
    expect(fileOf(LAB, 'k8s-worker1/usr/local/sbin/prepare-node')).toContain(
      'apt-mark hold containerd kubeadm kubelet kubectl',
    );
  });

  test('encrypts Secrets in etcd with a key that is made on the master', () => {
    const { apiServer } = documentOf(LAB, 'k8s-master/etc/kubeadm/init.yaml', 'ClusterConfiguration') as {
      apiServer: { extraArgs: object[] };
    };
    expect(apiServer.extraArgs).toContainEqual({
      name: 'encryption-provider-config',
      value: '/etc/kubernetes/encryption/config.yaml',
    });
    expect(fileOf(LAB, 'k8s-master/usr/local/sbin/make-encryption-key')).toContain('/dev/urandom');
    expect(fileOf(LAB, 'RUNBOOK.md')).toMatch(/make-encryption-key[^]*kubeadm init/);
    expect([...rendered(LAB).keys()].filter((path) => path.endsWith('make-encryption-key'))).toHaveLength(1);
  });

  test("opens the seed's table and what its parts need, to whom it concerns, and nothing else", () => {
    const seed = ['6443', '2379-2380', '10250', '10259', '10257', '22'];
    const onMaster = LAB.ports.filter(({ roles }) => roles.includes('control-plane'));
    expect(onMaster.map(({ ports }) => ports)).toEqual([...seed, '', '8472', '30000-32767']);
    expect(onMaster.filter(({ protocol }) => protocol === 'icmp')).toHaveLength(1);
    const open = (name: string) =>
      [...fileOf(LAB, `${name}/etc/nftables.conf`).matchAll(/(?:dport|proto-dst) ([\d-]+) accept/g)].map(
        ([, port = '']) => port,
      );
    expect(new Set(open('k8s-master'))).toEqual(new Set([...seed, '8472', '30000-32767']));
    expect(new Set(open('k8s-worker1'))).toEqual(new Set(['10250', '22', '8472', '30000-32767']));
    for (const port of [...open('k8s-master'), ...open('k8s-worker1')]) expect(portRange(port)).toBeDefined();
  });

  test('says which ports matter with several masters only', () => {
    const noted = LAB.ports.filter(({ note = '' }) => note.includes('several masters')).map(({ ports }) => ports);
    expect(noted).toEqual(['2379-2380', '10259', '10257']);
  });

  test("tells the seed's six steps in one runbook, and a join for each worker", () => {
    const runbook = fileOf(LAB, 'RUNBOOK.md');
    const heads = [...runbook.matchAll(/^## (.*)$/gm)].map(([, head]) => head);
    expect(heads).toEqual([
      '0. Machines',
      '1. containerd · 2. kubeadm, kubelet, kubectl',
      '3. Control plane',
      '4. Pod network',
      '5. Workers',
      '6. Verification',
    ]);
    const join = fileOf(LAB, 'k8s-worker2/JOIN.md');
    expect(join).toContain('ssh pista@172.100.100.4');
    expect(join).toMatch(/images -- import[^]*kubeadm join --config/);
    expect(join).not.toMatch(/<[A-Z_]+>/);
  });

  test('draws hosts, networks, DHCP range, interfaces and the three kinds of traffic', () => {
    const plan = fileOf(LAB, 'network-plan.svg');
    for (const part of [
      ...NAMES,
      'VMnet8 (NAT)',
      'VMnet1 (Host-only)',
      '192.168.5.201 ~ 192.168.5.254',
      'ens33',
      'ens37',
      '172.100.100.4',
      'internet',
      'admins and users',
      'Pods 10.244.0.0/16',
    ])
      expect(plan).toContain(part);
    const page = fileOf(LAB, 'README.md');
    expect(page).toContain('| 2379-2380/tcp | etcd |');
    expect(page).toContain('172.100.100.0/24, is public address space');
  });
});
