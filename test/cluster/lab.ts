import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Host, Inventory } from '../../charts/nodes/inventory.js';
import { nodeAddress } from '../../charts/nodes/inventory.js';
import { MAKE_ENCRYPTION_KEY } from '../../charts/nodes/render/encryption.js';
import { DISCOVERY_FILE, INIT_FILE, JOIN_FILE } from '../../charts/nodes/render/kubeadm.js';
import { addons } from './addons.js';
import { CACHE, exists } from './cache.js';
import { processesOf, removeCgroups } from './cgroups.js';
import type { RunOptions } from './command.js';
import { run } from './command.js';
import { AUDIT_LOG, manifestsHere } from './differences.js';
import { eventually } from './eventually.js';
import type { HostProcess } from './host-process.js';
import type { Binaries, LabImages } from './lab-images.js';
import { attachNode, detachNode, makeNetwork, namespacesOf, removeNetwork } from './lab-network.js';
import type { LabPlan } from './lab-plan.js';
import { nodesOf, spareOf } from './lab-plan.js';
import { layNodeFiles, nodeHost } from './node-host.js';
import type { ImageArchive } from './oci-image.js';
import { outsideHost } from './outside-host.js';
import { podNetworkManifests } from './pod-network.js';
import { startRelay } from './relay.js';

/** Where a node has its firewall and what it tells its kernel; both are loaded at boot. */
const FIREWALL = '/etc/nftables.conf';
const SYSCTLS = '/etc/sysctl.d/90-kubernetes.conf';
/** The taint of a control plane, which the system's Pods tolerate. */
const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';

/** What a lab is made of, once that is built. */
export interface LabParts {
  readonly binaries: Binaries;
  readonly images: LabImages;
}

/** Told what begins. */
export type Progress = (step: string) => void;

/** The folder of a lab that runs, or that was not stopped. */
export function labFolder(name: string): string {
  return join(CACHE, 'labs', name);
}

/** What a lab has left on this machine, whether it runs or not; for people. */
export async function remainsOf(name: string): Promise<readonly string[]> {
  const [namespaces, processes, folder] = await Promise.all([
    namespacesOf(name),
    processesOf(name),
    exists(labFolder(name)),
  ]);
  return [
    ...(namespaces.length > 0 ? [`network namespaces ${namespaces.join(', ')}`] : []),
    ...(processes.length > 0 ? [`${processes.length} processes`] : []),
    ...(folder ? [labFolder(name)] : []),
  ];
}

/** Ends a lab, whatever state it is in, and takes away all that it left. A second call does nothing. */
export async function removeLab(name: string): Promise<void> {
  await removeCgroups(name);
  await removeNetwork(name);
  await rm(labFolder(name), { recursive: true, force: true });
}

/** A cluster on this machine: its hosts, brought up by their rendered files as the runbook says, and the way in. */
export class Lab {
  readonly folder: string;
  /** A kubeconfig of the cluster's administrator for programs on this machine. */
  readonly kubeconfig: string;

  constructor(
    readonly plan: LabPlan,
    private readonly parts: LabParts,
  ) {
    this.folder = labFolder(plan.name);
    this.kubeconfig = join(this.folder, 'kubeconfig');
  }

  /** The machines. */
  get inventory(): Inventory {
    return this.plan.inventory;
  }

  /** The nodes that have joined; the first is the control plane. */
  get nodes(): readonly Host[] {
    return nodesOf(this.plan);
  }

  /** The nodes that may join, in this order. */
  get spare(): readonly Host[] {
    return spareOf(this.plan);
  }

  /** The node of that name, joined or spare. Throws a `RangeError` with the names there are. */
  node(name: string): Host {
    const { hosts } = this.inventory;
    const found = hosts.find((node) => node.name === name);
    if (found === undefined) throw new RangeError(`${name}: want one of ${hosts.map((node) => node.name).join(', ')}`);
    return found;
  }

  /** A node's address in the cluster. */
  addressOf(node: Host): string {
    return nodeAddress(this.inventory, node);
  }

  /** The node as a host: commands, signals, crash and boot. */
  host(node: Host): HostProcess {
    return nodeHost(this.plan, node, this.nodeFolder(node), this.parts.binaries);
  }

  /** The host outside. */
  async outside(): Promise<HostProcess> {
    return outsideHost(this.plan, join(this.folder, this.plan.outside.name), this.parts.binaries);
  }

  /** Brings up the network, the nodes and the cluster; returns when every node and every Pod of the system is Ready. */
  async start(progress: Progress): Promise<void> {
    const { plan, inventory } = this;
    const [controlPlane, ...workers] = this.nodes;
    if (controlPlane === undefined) return;
    await mkdir(this.folder, { recursive: true });
    progress(`network: ${workers.length + 2} hosts, ${inventory.networks.map(({ title }) => title).join(', ')}`);
    await makeNetwork(plan);
    await (await this.outside()).boot();
    progress('hosts: containerd and images');
    const { images } = this.parts;
    // The workers' images can wait until the control plane has its own: what follows waits for that one.
    await this.bootNode(controlPlane, images.controlPlane);
    const others = Promise.all([
      this.importImages(controlPlane, this.systemImages(controlPlane)),
      ...workers.map((node) => this.bootNode(node, this.systemImages(node))),
    ]);
    progress('kubeadm init');
    await Promise.all([this.initialise(controlPlane), others]);
    await startRelay(plan, this.folder, join(this.parts.binaries.host, 'host'));
    const joining = workers.map(({ name }) => name).join(', ');
    progress(`Pod network, addons${joining === '' ? '' : `, kubeadm join: ${joining}`}`);
    for (const input of [...podNetworkManifests(inventory).map(manifestsHere), ...addons(inventory)])
      await this.kubectl(['apply', '--server-side', '-f', '-'], { input });
    const discovery = await this.discovery(controlPlane);
    await Promise.all(workers.map((node) => this.joinCluster(node, discovery)));
    progress('waiting for nodes and system Pods');
    await this.waitReady();
  }

  /** Brings up a spare node and adds it to the running cluster. */
  async join(node: Host): Promise<void> {
    const [controlPlane] = this.nodes;
    if (controlPlane === undefined) return;
    await this.bootNode(node, this.systemImages(node));
    await this.joinCluster(node, await this.discovery(controlPlane));
    await this.kubectl(['wait', '--for=condition=Ready', `node/${node.name}`, '--timeout=120s']);
    await this.waitReady();
  }

  /** Takes a worker out of the cluster and away from this machine, with its disk. */
  async dismiss(node: Host): Promise<void> {
    await this.kubectl(['delete', 'node', node.name]);
    await removeCgroups(this.plan.name, node.name);
    await detachNode(this.plan, node);
    await rm(this.nodeFolder(node), { recursive: true, force: true });
  }

  /** Starts a node that crashed, with its disk as it was; its network, processes and tmpfs are new, as after a reboot. */
  async reboot(node: Host): Promise<void> {
    await removeCgroups(this.plan.name, node.name);
    await this.bootHost(node);
  }

  /** Imports images into one node's containerd, marked as pinned: what is not in a registry must not be collected. */
  async importImages(node: Host, archives: readonly ImageArchive[]): Promise<void> {
    const host = this.host(node);
    for (const { file, reference } of archives) {
      await host.run(['ctr', '--namespace', 'k8s.io', 'images', 'import', '-'], { inputFile: file });
      await host.run(['ctr', '--namespace', 'k8s.io', 'images', 'label', reference, 'io.cri-containerd.pinned=pinned']);
    }
  }

  /** Imports images into all nodes at once. A node that joins afterwards has none of them. */
  async importEverywhere(archives: readonly ImageArchive[]): Promise<void> {
    await Promise.all(this.nodes.map((node) => this.importImages(node, archives)));
  }

  /** Runs kubectl as the cluster's administrator and gives its output. */
  async kubectl(args: readonly string[], options: RunOptions = {}): Promise<string> {
    return run(this.kubectlProgram, args, { ...options, env: { ...options.env, KUBECONFIG: this.kubeconfig } });
  }

  /** The kubectl of the cluster's version. */
  get kubectlProgram(): string {
    return join(this.parts.binaries.kubernetes, 'kubectl');
  }

  /** The audit log of the API server, one JSON event a line. */
  get auditLog(): string {
    const [controlPlane] = this.nodes;
    return controlPlane === undefined ? '' : join(this.nodeFolder(controlPlane), AUDIT_LOG);
  }

  /** The folder of a node's own files: `var/`, `etc/upper/` and `logs/`. */
  nodeFolder(node: Host): string {
    return join(this.folder, node.name);
  }

  /** Whether every host runs and the API server answers. */
  async healthy(): Promise<boolean> {
    const hosts = [await this.outside(), ...this.nodes.map((node) => this.host(node))];
    const pids = await Promise.all(hosts.map((host) => host.pid()));
    if (pids.includes(undefined)) return false;
    return this.kubectl(['get', '--raw', '/readyz', '--request-timeout=5s']).then(
      () => true,
      () => false,
    );
  }

  /** Waits for all nodes and all Pods of the system. */
  async waitReady(): Promise<void> {
    await eventually('all nodes to register', async () => {
      const names = await this.kubectl(['get', 'nodes', '-o', 'name']);
      return names.trim().split('\n').length >= this.nodes.length;
    });
    await this.kubectl(['wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=120s']);
    for (const kind of ['daemonset', 'deployment'])
      await this.kubectl(['rollout', 'status', kind, '-n', 'kube-system', '--timeout=120s']);
  }

  /** Loads a node's firewall again, without the lines that have one of these comments. */
  async loadFirewall(node: Host, closed: readonly string[] = []): Promise<void> {
    const host = this.host(node);
    const lines = (await host.run(['cat', FIREWALL])).split('\n');
    const kept = lines.filter((line) => !closed.some((comment) => line.includes(`comment "${comment}"`)));
    await host.run(['nft', '-f', '-'], { input: kept.join('\n') });
  }

  /** The system's images, for nodes that its Pods may be on. */
  private systemImages({ taints }: Host): readonly ImageArchive[] {
    return taints.every(({ key }) => key === CONTROL_PLANE) ? this.parts.images.system : [];
  }

  private async bootNode(node: Host, more: readonly ImageArchive[]): Promise<void> {
    await layNodeFiles(this.plan, node, this.nodeFolder(node));
    await this.bootHost(node);
    await eventually(`containerd on ${node.name}`, () => this.host(node).run(['ctr', 'version']), { within: 20_000 });
    await this.importImages(node, [...this.parts.images.everyNode, ...more]);
  }

  private async bootHost(node: Host): Promise<void> {
    await attachNode(this.plan, node);
    const host = this.host(node);
    await host.boot();
    await host.run(['sysctl', '-qp', SYSCTLS]);
    await this.loadFirewall(node);
  }

  private async initialise(node: Host): Promise<void> {
    await this.host(node).run([MAKE_ENCRYPTION_KEY]);
    await this.kubeadm(node, ['init', '--config', INIT_FILE]);
    const admin = await readFile(join(this.nodeFolder(node), 'etc/upper/kubernetes/admin.conf'), 'utf8');
    const { advertiseAddress, port } = this.inventory.apiServer;
    const here = admin.replace(`https://${advertiseAddress}:${port}`, `https://127.0.0.1:${this.plan.ports.api}`);
    await writeFile(this.kubeconfig, here, { mode: 0o600 });
  }

  /** What the join runbook brings to a worker: a kubeconfig with the cluster's authority and a token that joins. */
  private async discovery(controlPlane: Host): Promise<string> {
    const { name, apiServer } = this.inventory;
    const host = this.host(controlPlane);
    const file = '/run/discovery.conf';
    const config = ['kubectl', 'config', `--kubeconfig=${file}`];
    const server = `https://${apiServer.advertiseAddress}:${apiServer.port}`;
    const token = (await host.run(['kubeadm', 'token', 'create', '--ttl', '1h'])).trim();
    const ca = '--certificate-authority=/etc/kubernetes/pki/ca.crt';
    await host.run([...config, 'set-cluster', name, `--server=${server}`, ca, '--embed-certs']);
    await host.run([...config, 'set-credentials', 'joining', `--token=${token}`]);
    await host.run([...config, 'set-context', 'joining', `--cluster=${name}`, '--user=joining']);
    await host.run([...config, 'use-context', 'joining']);
    const text = await host.run(['cat', file]);
    await host.run(['rm', file]);
    return text;
  }

  private async joinCluster(node: Host, discovery: string): Promise<void> {
    const host = this.host(node);
    const write = `umask 077; mkdir -p ${dirname(DISCOVERY_FILE)}; cat > ${DISCOVERY_FILE}`;
    await host.run(['sh', '-c', write], { input: discovery });
    await this.kubeadm(node, ['join', '--config', JOIN_FILE]);
    await host.run(['rm', DISCOVERY_FILE]);
  }

  private async kubeadm(node: Host, args: readonly string[]): Promise<void> {
    const log = join(this.nodeFolder(node), 'logs/kubeadm.log');
    // Its checks are those of a machine with systemd and an older cgroup driver; machine.ts has the lab's own.
    const output = await this.host(node).run(['kubeadm', ...args, '--ignore-preflight-errors=all', '-v=2']);
    await writeFile(log, output, { flag: 'a' });
  }
}
