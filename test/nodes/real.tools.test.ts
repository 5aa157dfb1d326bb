import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { listFiles } from '../../charts/render/output.js';
import { apart, kubeadmProgram, needTools, tool } from './node-tools.js';
import { documentOf, fileOf, LAB, rendered, RENDERED } from './rendered-nodes.js';

/** Every host of every inventory. */
const HOSTS = RENDERED.flatMap((inventory) =>
  inventory.hosts.map((host) => [`${inventory.name}/${host.name}`, inventory, host] as const),
);

let folder: string;
let kubeadm: string;
const at = (path: string) => join(folder, path);

beforeAll(async () => {
  needTools();
  kubeadm = await kubeadmProgram();
  folder = mkdtempSync(join(tmpdir(), 'nodes-'));
  for (const inventory of RENDERED)
    for (const [path, text] of rendered(inventory)) {
      mkdirSync(dirname(at(`${inventory.name}/${path}`)), { recursive: true });
      writeFileSync(at(`${inventory.name}/${path}`), text, { mode: 0o600 });
    }
}, 1_200_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(HOSTS)('%s', (path, inventory, host) => {
  test('netplan makes of its network-config the addresses, the way out and the name servers, and no DHCP', () => {
    const root = at(`${path}/netplan`);
    mkdirSync(join(root, 'etc/netplan'), { recursive: true });
    const config = fileOf(inventory, `${host.name}/network-config`);
    writeFileSync(join(root, 'etc/netplan/50-cloud-init.yaml'), config, { mode: 0o600 });
    expect(tool('netplan', 'generate', '--root-dir', root)).toMatchObject({ status: 0 });
    const units = join(root, 'run/systemd/network');
    expect(readdirSync(units).sort()).toEqual(host.nics.map(({ name }) => `10-netplan-${name}.network`).sort());
    for (const nic of host.nics) {
      const unit = readFileSync(join(units, `10-netplan-${nic.name}.network`), 'utf8');
      const { cidr = '', gateway, dns = [] } = inventory.networks.find(({ name }) => name === nic.network) ?? {};
      expect(unit).toContain(`Address=${nic.address}/${cidr.split('/')[1] ?? ''}`);
      expect(unit).not.toContain('DHCP=');
      expect([...unit.matchAll(/^Gateway=(.*)$/gm)].map(([, address]) => address)).toEqual(gateway ? [gateway] : []);
      expect([...unit.matchAll(/^DNS=(.*)$/gm)].map(([, address]) => address)).toEqual(dns);
    }
  });

  test('cloud-init accepts its user-data', () => {
    const { status, output } = tool('cloud-init', 'schema', '--config-file', at(`${path}/user-data`));
    expect([status, output]).toEqual([0, expect.stringContaining('Valid cloud-config')]);
  });

  test('nft loads its firewall, a second time as well, and leaves other tables alone', () => {
    const rules = at(`${path}/etc/nftables.conf`);
    expect(tool('nft', '-c', '-f', rules)).toEqual({ status: 0, output: '' });
    const script = `nft add table ip kube-proxy; nft -f ${rules}; nft -f ${rules}; nft list tables; nft list chain inet node input`;
    const { status, output } = apart(script);
    expect([status, output]).toEqual([0, expect.stringContaining('table ip kube-proxy\ntable inet node')]);
    const lines = fileOf(inventory, `${host.name}/etc/nftables.conf`).match(/dport|echo-request/g) ?? [];
    expect(output.match(/dport|echo-request/g)?.length).toBeLessThanOrEqual(lines.length);
    expect(output.match(/comment "sshd: admins"/g)).toHaveLength(1);
  });

  test('the kernel knows the names of its sysctls', () => {
    const text = fileOf(inventory, `${host.name}/etc/sysctl.d/90-kubernetes.conf`);
    const names = [...text.matchAll(/^([\w.-]+) =/gm)].map(([, name = '']) => name);
    expect(names).toHaveLength(3);
    for (const name of names)
      expect(tool('cat', `/proc/sys/${name.replaceAll('.', '/')}`)).toMatchObject({ status: 0 });
  });

  test('its scripts are POSIX shell without a complaint of shellcheck', () => {
    const scripts = listFiles(at(path)).filter((file) => file.startsWith('usr/local/sbin/'));
    expect(scripts).toContain('usr/local/sbin/prepare-node');
    expect(tool('shellcheck', ...scripts.map((file) => at(`${path}/${file}`)))).toEqual({ status: 0, output: '' });
  });

  test("kubeadm's decoder knows every field of what its kubelet has of its own", () => {
    const files = listFiles(at(path)).filter((file) => /kubelet(configuration|\.conf\.d)/.test(file));
    expect(files).toHaveLength(1);
    const own = readFileSync(at(`${path}/${files[0] ?? ''}`), 'utf8');
    const cluster = {
      apiVersion: 'kubeadm.k8s.io/v1beta4',
      kind: 'ClusterConfiguration',
      kubernetesVersion: 'v1.34.4',
    };
    writeFileSync(at('kubelet.yaml'), `${stringify(cluster)}---\n${own}`);
    expect(tool(kubeadm, 'config', 'validate', '--config', at('kubelet.yaml'))).toEqual({ status: 0, output: 'ok\n' });
    writeFileSync(at('kubelet.yaml'), `${stringify(cluster)}---\n${own}maxPodz: 1\n`);
    expect(tool(kubeadm, 'config', 'validate', '--config', at('kubelet.yaml')).output).toContain(
      'unknown field "maxPodz"',
    );
  });
});

describe('the VMware lab', () => {
  const init = () => at('vmware-lab/k8s-master/etc/kubeadm/init.yaml');

  test('has a configuration that kubeadm init accepts', () => {
    expect(tool(kubeadm, 'config', 'validate', '--config', init())).toEqual({ status: 0, output: 'ok\n' });
  });

  test.each(['k8s-worker1', 'k8s-worker2'])(
    'has a configuration that kubeadm join accepts once the runbook made its file: %s',
    (name) => {
      const validate = `${kubeadm} config validate --config ${at(`vmware-lab/${name}/etc/kubeadm/join.yaml`)}`;
      const made = apart(
        `mount -t tmpfs none /run; mkdir /run/kubeadm; touch /run/kubeadm/discovery.conf; ${validate}`,
      );
      expect(made).toEqual({ status: 0, output: 'ok\n' });
      const missing = apart(`mount -t tmpfs none /run; ${validate}`);
      expect(missing.output).toContain('/run/kubeadm/discovery.conf');
    },
  );

  test("gives the control plane what the seed's two flags give it", () => {
    const arguments_ = (name: string, ...flags: readonly string[]) => {
      const output = at(`dry-${name}`);
      mkdirSync(output);
      const phase = ['init', 'phase', 'control-plane', 'all', '--dry-run', ...flags];
      const run = tool('env', `KUBEADM_INIT_DRYRUN_DIR=${output}`, kubeadm, ...phase);
      expect([run.status, run.output]).toEqual([0, expect.stringContaining('kube-scheduler')]);
      return ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].flatMap((component) => {
        const pod = parse(readFileSync(join(output, `${component}.yaml`), 'utf8')) as {
          spec: { containers: { command: string[] }[] };
        };
        return pod.spec.containers[0]?.command ?? [];
      });
    };
    const seed = arguments_(
      'flags',
      '--kubernetes-version=v1.34.4',
      '--pod-network-cidr=10.244.0.0/16',
      '--apiserver-advertise-address=172.100.100.2',
    );
    // Patches lie where they will on the master; here they are in our folder.
    const patches = at('vmware-lab/k8s-master/etc/kubeadm/patches');
    const here = readFileSync(init(), 'utf8').replace('directory: /etc/kubeadm/patches', `directory: ${patches}`);
    writeFileSync(at('init-here.yaml'), here);
    const ours = arguments_('config', `--config=${at('init-here.yaml')}`);
    expect(seed.filter((argument) => !ours.includes(argument))).toEqual(['--cluster-name=kubernetes']);
    expect(ours.filter((argument) => !seed.includes(argument))).toEqual([
      '--encryption-provider-config=/etc/kubernetes/encryption/config.yaml',
      '--cluster-name=vmware-lab',
      '--node-cidr-mask-size=24',
    ]);
  });

  test('names the pause image that kubeadm would pull', () => {
    const { output } = tool(kubeadm, 'config', 'images', 'list', '--config', init());
    expect(output).toContain(LAB.distribution.kind === 'kubeadm' ? LAB.distribution.pauseImage : 'kubeadm');
  });

  test('has a configuration that containerd reads, with the cgroups made by systemd', () => {
    const config = at('vmware-lab/k8s-worker1/etc/containerd/config.toml');
    const { status, output } = tool('containerd', '--config', config, 'config', 'dump');
    expect(status).toBe(0);
    for (const line of ['SystemdCgroup = true', 'snapshotter = "overlayfs"', 'config_path = "/etc/containerd/certs.d"'])
      expect(output).toContain(line);
  });

  test('makes its encryption key once, for nobody else to read', () => {
    const script = at('vmware-lab/k8s-master/usr/local/sbin/make-encryption-key');
    const config = '/etc/kubernetes/encryption/config.yaml';
    // Nothing in /etc is needed: a fresh one, so that no key stays here.
    const { status, output } = apart(
      `mount -t tmpfs none /etc; sh ${script}; cksum ${config}; sh ${script}; cksum ${config}; stat -c %a ${config}; cat ${config}`,
    );
    expect(status).toBe(0);
    const [once, twice, mode, ...text] = output.split('\n');
    expect(twice).toBe(once);
    expect(mode).toBe('600');
    const made = parse(text.join('\n')) as {
      resources: { providers: { secretbox: { keys: { secret: string }[] } }[] }[];
    };
    const { secret = '' } = made.resources[0]?.providers[0]?.secretbox.keys[0] ?? {};
    expect(Buffer.from(secret, 'base64')).toHaveLength(32);
    const { apiServer } = documentOf(LAB, 'k8s-master/etc/kubeadm/init.yaml', 'ClusterConfiguration') as {
      apiServer: { extraArgs: { value: string }[] };
    };
    expect(apiServer.extraArgs.map(({ value }) => value)).toContain(config);
  });
});
