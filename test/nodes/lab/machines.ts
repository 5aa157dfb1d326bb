import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CACHE } from '../../cluster/cache.js';
import { removeCgroups } from '../../cluster/cgroups.js';
import type { RunOptions } from '../../cluster/command.js';
import { eventually } from '../../cluster/eventually.js';
import { HostProcess, INSIDE } from '../../cluster/host-process.js';
import type { Binaries, LabImages } from '../../cluster/lab-images.js';
import { removeNetwork } from '../../cluster/lab-network.js';
import { BIN, hostMounts, layHostFolders, PATH } from '../../cluster/node-host.js';
import type { ImageArchive } from '../../cluster/oci-image.js';
import type { Host, Inventory } from '../../../charts/nodes/inventory.js';
import { hostFiles } from '../../../charts/nodes/render/host-files.js';
import { DISCOVERY_FILE, INIT_FILE, JOIN_FILE } from '../../../charts/nodes/render/kubeadm.js';
import { MAKE_ENCRYPTION_KEY } from '../../../charts/nodes/render/encryption.js';
import { fileOf } from '../rendered-nodes.js';
import { containerdHere, kubeadmHere, manifestsHere } from './differences.js';
import { inNetwork, makeNetworks, plugIn } from './lab-network.js';

/** What the machines run, once that is built. */
export interface Parts {
  readonly binaries: Binaries;
  readonly images: LabImages;
  readonly podNetwork: readonly ImageArchive[];
}

const FIREWALL = '/etc/nftables.conf';
const SYSCTLS = '/etc/sysctl.d/90-kubernetes.conf';

/** The machines of a kubeadm inventory as isolated hosts, brought up by their rendered files as the runbook says. */
export class Machines {
  private readonly folder: string;

  constructor(
    readonly lab: string,
    readonly inventory: Inventory,
    private readonly parts: Parts,
  ) {
    this.folder = join(CACHE, 'labs', lab);
  }

  /** The master: the first host. */
  get master(): Host {
    const [first] = this.inventory.hosts;
    if (first === undefined) throw new Error('the inventory has no host');
    return first;
  }

  /** A machine by its name. */
  host(name: string): HostProcess {
    const { binaries } = this.parts;
    const folder = join(this.folder, name);
    return new HostProcess({
      lab: this.lab,
      name,
      folder,
      mounts: [
        ...hostMounts(folder, binaries),
        { type: 'bind', source: `${INSIDE}/opt`, target: '/opt' },
        // This machine may have a Pod network of its own; a new one has none.
        { type: 'bind', source: `${INSIDE}/cni`, target: '/etc/cni/net.d' },
      ],
      services: [
        { name: 'containerd', command: ['/usr/bin/containerd', '--config', '/etc/containerd/config.toml'] },
        {
          name: 'kubelet',
          command: [
            `${BIN}/kubernetes/kubelet`,
            '--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf',
            '--kubeconfig=/etc/kubernetes/kubelet.conf',
            '--config=/var/lib/kubelet/config.yaml',
          ],
          waitFor: '/var/lib/kubelet/config.yaml',
          flagsFile: '/var/lib/kubelet/kubeadm-flags.env',
        },
        // Stands in for sshd: something that answers on its port.
        { name: 'sshd', command: [`${BIN}/host/host`, 'answer', ':22'] },
      ],
      path: PATH,
      program: join(binaries.host, 'host'),
    });
  }

  /** The runbook, from machines to a cluster whose nodes are Ready. */
  async start(progress: (step: string) => void): Promise<void> {
    const { hosts } = this.inventory;
    await this.stop();
    await makeNetworks(this.lab, this.inventory);
    progress('machines');
    await Promise.all(hosts.map((host) => this.boot(host)));
    const { everyNode, controlPlane, system } = this.parts.images;
    await Promise.all(
      hosts.map((host) =>
        this.importImages(host, [
          ...everyNode,
          ...this.parts.podNetwork,
          ...system,
          ...(host === this.master ? controlPlane : []),
        ]),
      ),
    );
    progress('kubeadm init');
    await this.run(this.master, [MAKE_ENCRYPTION_KEY]);
    await this.run(this.master, ['kubeadm', 'init', '--config', INIT_FILE, '--ignore-preflight-errors=all']);
    progress('Pod network');
    for (const file of ['cni.yaml', 'network-policies.yaml'])
      await this.kubectl(['apply', '-f', '-'], { input: manifestsHere(fileOf(this.inventory, file)) });
    progress('kubeadm join');
    for (const host of hosts.slice(1)) await this.join(host);
    progress('waiting for nodes and Pods');
    await this.kubectl(['wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=300s']);
    for (const [kind, namespace] of [
      ['daemonset', 'kube-flannel'],
      ['daemonset', 'kube-system'],
      ['deployment', 'kube-system'],
    ] as const)
      // prettier-ignore
      await this.kubectl(['rollout', 'status', kind, '-n', namespace, '--timeout=300s']);
  }

  /** Ends all of it; a second call does nothing. */
  async stop(): Promise<void> {
    await removeCgroups(this.lab);
    await removeNetwork(this.lab);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Runs a command on a machine. */
  async run(host: Host, command: readonly string[], options: RunOptions = {}): Promise<string> {
    return this.host(host.name).run(command, options);
  }

  /** Runs kubectl on the master as its administrator. */
  async kubectl(args: readonly string[], options: RunOptions = {}): Promise<string> {
    return this.run(this.master, ['kubectl', '--kubeconfig=/etc/kubernetes/admin.conf', ...args], options);
  }

  /** Loads a machine's firewall again, without the lines that have one of these comments. */
  async loadFirewall(host: Host, closed: readonly string[] = []): Promise<void> {
    const lines = fileOf(this.inventory, `${host.name}${FIREWALL}`).split('\n');
    const kept = lines.filter((line) => !closed.some((comment) => line.includes(`comment "${comment}"`)));
    await this.run(host, ['nft', '-f', '-'], { input: kept.join('\n') });
  }

  /** Forgets the connections that a machine has let in, so that its rules are asked again. */
  async forgetConnections(host: Host): Promise<void> {
    await this.run(host, ['conntrack', '-F']);
  }

  private async boot(host: Host): Promise<void> {
    const folder = join(this.folder, host.name);
    await layHostFolders(folder);
    await this.layFiles(host, folder);
    await plugIn(this.lab, this.inventory, host);
    await inNetwork(this.lab, host.name, ['sysctl', '-qw', 'net.ipv4.ip_forward=0']);
    await this.host(host.name).boot();
    await this.run(host, ['sysctl', '-p', SYSCTLS]);
    await this.run(host, ['nft', '-f', FIREWALL]);
    await eventually(`containerd on ${host.name}`, () => this.run(host, ['ctr', 'version']), { within: 60_000 });
  }

  /** Every rendered file where its path says, with the machine's differences in those that have any. */
  private async layFiles(host: Host, folder: string): Promise<void> {
    for (const { path, text, mode = '0644' } of hostFiles(this.inventory, host)) {
      const [top, ...rest] = path.slice(1).split('/');
      const target = join(folder, `${top ?? ''}/upper`, ...rest);
      await mkdir(dirname(target), { recursive: true });
      const here = { [INIT_FILE]: kubeadmHere, [JOIN_FILE]: kubeadmHere, '/etc/containerd/config.toml': containerdHere }[path]; // prettier-ignore
      await writeFile(target, here ? here(text) : text, { mode: Number.parseInt(mode, 8) });
    }
    await mkdir(join(folder, 'opt/cni/bin'), { recursive: true });
    await mkdir(join(folder, 'cni'));
    await cp('/usr/lib/cni', join(folder, 'opt/cni/bin'), { recursive: true });
    await writeFile(join(folder, 'resolv.conf'), 'nameserver 192.168.5.2\n');
  }

  private async importImages(host: Host, archives: readonly ImageArchive[]): Promise<void> {
    for (const { file } of archives)
      await this.run(host, ['ctr', '--namespace', 'k8s.io', 'images', 'import', '-'], { inputFile: file });
  }

  /** The join runbook: a discovery file in memory, then the rendered configuration. */
  private async join(host: Host): Promise<void> {
    const { name, apiServer } = this.inventory;
    const config = ['kubectl', 'config', '--kubeconfig=/run/discovery.conf'];
    const server = `https://${apiServer.advertiseAddress}:${apiServer.port}`;
    const token = (await this.run(this.master, ['kubeadm', 'token', 'create', '--ttl', '1h'])).trim();
    const ca = '--certificate-authority=/etc/kubernetes/pki/ca.crt';
    await this.run(this.master, [...config, 'set-cluster', name, `--server=${server}`, ca, '--embed-certs']);
    await this.run(this.master, [...config, 'set-credentials', 'joining', `--token=${token}`]);
    await this.run(this.master, [...config, 'set-context', 'joining', `--cluster=${name}`, '--user=joining']);
    await this.run(this.master, [...config, 'use-context', 'joining']);
    const input = await this.run(this.master, ['cat', '/run/discovery.conf']);
    const write = `umask 077; mkdir -p ${dirname(DISCOVERY_FILE)}; cat > ${DISCOVERY_FILE}`;
    await this.run(host, ['sh', '-c', write], { input });
    await this.run(host, ['kubeadm', 'join', '--config', JOIN_FILE, '--ignore-preflight-errors=all']);
    await this.run(host, ['rm', DISCOVERY_FILE]);
  }
}
