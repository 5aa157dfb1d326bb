import { parse, parseAllDocuments } from 'yaml';
import { hostFiles } from '../../charts/nodes/render/host-files.js';
import { MARK } from '../../charts/render/render.js';
import { patched } from '../charts/patched.js';
import { documentOf, fileOf, K3S, LAB, rendered, RENDERED } from './rendered-nodes.js';

interface UserData {
  readonly write_files: readonly { readonly path: string; readonly permissions: string; readonly content: string }[];
  readonly [setting: string]: unknown;
}

describe.each(RENDERED.map((inventory) => [inventory.name, inventory] as const))('%s', (_, inventory) => {
  const files = rendered(inventory);

  test('has no secret in any file: no key, no token, no password', () => {
    for (const [path, text] of files) {
      expect([path, /BEGIN [A-Z ]*PRIVATE KEY/.test(text)]).toEqual([path, false]);
      expect([path, /\b[a-z0-9]{6}\.[a-z0-9]{16}\b/.test(text)]).toEqual([path, false]); // kubeadm's tokens
      expect([path, /\bK10[0-9a-f]{20}/.test(text)]).toEqual([path, false]); // k3s's tokens
      expect([path, /^\s*(token|password|passwd|secret):\s*(?!\$key$)\S/m.test(text)]).toEqual([path, false]);
    }
  });

  test('has the mark of rendered files in each, and the marker of cloud-init in the first line of user-data', () => {
    for (const [path, text] of files) {
      expect([path, text.includes(MARK)]).toEqual([path, true]);
      if (path.endsWith('/user-data')) expect(text.split('\n')[0]).toBe('#cloud-config');
    }
  });

  test('has no file that `kubectl apply -f` of its folder would take for a manifest of the cluster beside Pod networks', () => {
    const manifests = [...files.keys()].filter((path) => !path.includes('/') && /\.(ya?ml|json)$/.test(path));
    expect(manifests.filter((path) => !['cni.yaml', 'network-policies.yaml'].includes(path))).toEqual([]);
  });

  test('is YAML where it says so', () => {
    for (const [path, text] of files) {
      if (!/\.yaml$|(user-data|meta-data|network-config)$/.test(path)) continue;
      for (const document of parseAllDocuments(text)) expect([path, document.errors]).toEqual([path, []]);
    }
  });

  test.each(inventory.hosts.map((host) => [host.name, host] as const))(
    'installs all files of %s by cloud-init',
    (name, host) => {
      const userData = parse(fileOf(inventory, `${name}/user-data`)) as UserData;
      const own = hostFiles(inventory, host);
      expect(userData.write_files.map(({ path, content }) => [path, content])).toEqual(
        own.map(({ path, text }) => [path, text]),
      );
      for (const { path, text } of own) expect(files.get(`${name}${path}`)).toBe(text);
      expect(userData).toMatchObject({
        hostname: name,
        timezone: host.system.timeZone,
        locale: host.system.locale,
        ntp: { enabled: true, servers: host.system.ntp },
        swap: { size: 0 },
        ssh_pwauth: false,
        runcmd: [['/usr/local/sbin/prepare-node']],
      });
      expect(userData['users']).toMatchObject([{ name: host.system.user, lock_passwd: true }]);
      const prepare = fileOf(inventory, `${name}/usr/local/sbin/prepare-node`);
      for (const part of ['swapoff -a', '/etc/fstab', 'sysctl --system', 'nft -f /etc/nftables.conf'])
        expect(prepare).toContain(part);
    },
  );

  test('has a firewall that replaces itself alone: kube-proxy and the Pod network keep theirs', () => {
    for (const { name } of inventory.hosts) {
      const rules = fileOf(inventory, `${name}/etc/nftables.conf`);
      expect(rules).not.toContain('flush ruleset');
      expect(rules.match(/policy drop/g)).toHaveLength(2);
      expect(rules).not.toContain('0.0.0.0/0');
    }
  });
});

test('Calico can be chosen instead: its network, its tunnels on the nodes, its ports', () => {
  const ports = LAB.ports.map((rule) =>
    rule.component === 'flannel' ? { ...rule, ports: '4789', component: 'calico' } : rule,
  );
  const typha = { ...ports[7]!, ports: '5473', protocol: 'tcp' as const, component: 'calico-typha' };
  const calico = patched(patched(LAB, 'cni', { name: 'calico', version: 'v3.30.3' }), 'ports', [...ports, typha]);
  expect(documentOf(calico, 'cni.yaml', 'Installation')).toMatchObject({
    spec: {
      calicoNetwork: {
        ipPools: [{ cidr: '10.244.0.0/16', blockSize: 24, encapsulation: 'VXLAN' }],
        nodeAddressAutodetectionV4: { cidrs: ['172.100.100.0/24'] },
      },
    },
  });
  expect(rendered(calico).has('network-policies.yaml')).toBe(false);
  expect(fileOf(calico, 'k8s-worker1/etc/nftables.conf')).toContain('udp dport 4789 accept');
  expect(fileOf(calico, 'RUNBOOK.md')).toContain('tigera-operator.yaml');
});

test('keys and taints of the GPU vocabulary are one: k3s gives its nodes what the profiles select', () => {
  expect(K3S.hosts.flatMap(({ taints }) => taints.map(({ key }) => key))).toEqual(['nvidia.com/gpu', 'nvidia.com/gpu']);
});
