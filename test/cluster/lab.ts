import { X509Certificate, createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addons } from './addons.js';
import { CACHE, exists } from './cache.js';
import { processesOf, removeCgroups } from './cgroups.js';
import type { RunOptions } from './command.js';
import { run } from './command.js';
import { eventually } from './eventually.js';
import type { HostProcess } from './host-process.js';
import { INSIDE } from './host-process.js';
import type { Inventory, LabNode } from './inventory.js';
import { API_PORT, auditPolicy, AUDIT_LOG, initConfig, joinConfig } from './kubeadm-config.js';
import type { Binaries, LabImages } from './lab-images.js';
import { attachNode, detachNode, makeNetwork, namespacesOf, removeNetwork } from './lab-network.js';
import { nodeHost } from './node-host.js';
import type { ImageArchive } from './oci-image.js';
import { outsideHost } from './outside-host.js';
import { startRelay } from './relay.js';

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

/** A cluster on this machine: its hosts, and the way in. */
export class Lab {
  readonly folder: string;
  /** A kubeconfig of the cluster's administrator for programs on this machine. */
  readonly kubeconfig: string;

  constructor(
    readonly inventory: Inventory,
    private readonly parts: LabParts,
  ) {
    this.folder = labFolder(inventory.name);
    this.kubeconfig = join(this.folder, 'kubeconfig');
  }

  /** The node of that name, joined or spare. Throws a `RangeError` with the names there are. */
  node(name: string): LabNode {
    const all = [...this.inventory.nodes, ...this.inventory.spare];
    const found = all.find((node) => node.name === name);
    if (found === undefined) throw new RangeError(`${name}: want one of ${all.map((node) => node.name).join(', ')}`);
    return found;
  }

  /** The node as a host: commands, signals, crash and boot. */
  async host(node: LabNode): Promise<HostProcess> {
    return nodeHost(this.inventory, node, this.nodeFolder(node), this.parts.binaries);
  }

  /** The host outside. */
  async outside(): Promise<HostProcess> {
    return outsideHost(this.inventory, join(this.folder, this.inventory.outside.name), this.parts.binaries);
  }

  /** Brings up the network, the nodes and the cluster; returns when every node and every Pod of the system is Ready. */
  async start(progress: Progress): Promise<void> {
    const { inventory } = this;
    const [controlPlane, ...workers] = inventory.nodes;
    if (controlPlane === undefined) return;
    await mkdir(this.folder, { recursive: true });
    progress(`network: ${inventory.nodes.length + 1} hosts on one switch`);
    await makeNetwork(inventory);
    await (await this.outside()).boot();
    progress('hosts: containerd and images');
    const { images } = this.parts;
    // The workers' images can wait until the control plane has its own: what follows waits for that one.
    await this.bootNode(controlPlane, images.controlPlane);
    const others = Promise.all([
      this.importImages(controlPlane, images.system),
      ...workers.map((node) => this.bootNode(node, [])),
    ]);
    progress('kubeadm init');
    await Promise.all([this.initialise(controlPlane), others]);
    await startRelay(inventory, this.folder, join(this.parts.binaries.host, 'host'));
    progress(`addons${workers.length > 0 ? `, kubeadm join: ${workers.map(({ name }) => name).join(', ')}` : ''}`);
    await this.kubectl(['apply', '--server-side', '-f', '-'], { input: addons(inventory) });
    const ticket = await this.ticket(controlPlane);
    await Promise.all(workers.map((node) => this.joinCluster(controlPlane, node, ticket)));
    progress('waiting for nodes and system Pods');
    await this.waitReady();
  }

  /** Brings up a spare node and adds it to the running cluster. */
  async join(node: LabNode): Promise<void> {
    const [controlPlane] = this.inventory.nodes;
    if (controlPlane === undefined) return;
    await this.bootNode(node, []);
    await this.joinCluster(controlPlane, node, await this.ticket(controlPlane));
    await this.kubectl(['wait', '--for=condition=Ready', `node/${node.name}`, '--timeout=120s']);
    await this.waitReady();
  }

  /** Takes a worker out of the cluster and away from this machine, with its disk. */
  async dismiss(node: LabNode): Promise<void> {
    await this.kubectl(['delete', 'node', node.name]);
    await removeCgroups(this.inventory.name, node.name);
    await detachNode(this.inventory, node);
    await rm(this.nodeFolder(node), { recursive: true, force: true });
  }

  /** Starts a node that crashed, with its disk as it was; its network, processes and tmpfs are new, as after a reboot. */
  async reboot(node: LabNode): Promise<void> {
    await removeCgroups(this.inventory.name, node.name);
    await attachNode(this.inventory, node);
    await (await this.host(node)).boot();
  }

  /** Imports images into one node's containerd, marked as pinned: what is not in a registry must not be collected. */
  async importImages(node: LabNode, archives: readonly ImageArchive[]): Promise<void> {
    const host = await this.host(node);
    for (const { file, reference } of archives) {
      await host.run(['ctr', '--namespace', 'k8s.io', 'images', 'import', '-'], { inputFile: file });
      await host.run(['ctr', '--namespace', 'k8s.io', 'images', 'label', reference, 'io.cri-containerd.pinned=pinned']);
    }
  }

  /** Imports images into all nodes at once. A node that joins afterwards has none of them. */
  async importEverywhere(archives: readonly ImageArchive[]): Promise<void> {
    await Promise.all(this.inventory.nodes.map((node) => this.importImages(node, archives)));
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
    const [controlPlane] = this.inventory.nodes;
    return controlPlane === undefined ? '' : join(this.nodeFolder(controlPlane), AUDIT_LOG);
  }

  /** The folder of a node's own files: `var/`, `etc/upper/` and `logs/`. */
  nodeFolder(node: LabNode): string {
    return join(this.folder, node.name);
  }

  /** Whether every host runs and the API server answers. */
  async healthy(): Promise<boolean> {
    const hosts = await Promise.all([this.outside(), ...this.inventory.nodes.map((node) => this.host(node))]);
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
      return names.trim().split('\n').length >= this.inventory.nodes.length;
    });
    await this.kubectl(['wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=120s']);
    const rollouts = ['daemonset', 'deployment'].map((kind) =>
      this.kubectl(['rollout', 'status', kind, '-n', 'kube-system', '--timeout=120s']),
    );
    await Promise.all(rollouts);
  }

  private async bootNode(node: LabNode, more: readonly ImageArchive[]): Promise<void> {
    await attachNode(this.inventory, node);
    const host = await this.host(node);
    await host.boot();
    await eventually(`containerd on ${node.name}`, () => host.run(['ctr', 'version']), { within: 20_000 });
    await this.importImages(node, [...this.parts.images.everyNode, ...more]);
  }

  private async initialise(node: LabNode): Promise<void> {
    const folder = this.nodeFolder(node);
    await writeFile(join(folder, 'init.yaml'), initConfig(this.inventory, node));
    await writeFile(join(folder, 'audit-policy.yaml'), auditPolicy());
    await this.kubeadm(node, ['init', '--config', `${INSIDE}/init.yaml`]);
    const admin = await readFile(join(folder, 'etc/upper/kubernetes/admin.conf'), 'utf8');
    const here = admin.replace(`https://${node.address}:${API_PORT}`, `https://127.0.0.1:${this.inventory.ports.api}`);
    await writeFile(this.kubeconfig, here, { mode: 0o600 });
  }

  private async ticket(controlPlane: LabNode): Promise<{ token: string; caHash: string }> {
    const pki = join(this.nodeFolder(controlPlane), 'etc/upper/kubernetes/pki/ca.crt');
    const key = new X509Certificate(await readFile(pki)).publicKey.export({ type: 'spki', format: 'der' });
    const token = await (await this.host(controlPlane)).run(['kubeadm', 'token', 'create', '--ttl', '1h']);
    return { token: token.trim(), caHash: `sha256:${createHash('sha256').update(key).digest('hex')}` };
  }

  private async joinCluster(
    controlPlane: LabNode,
    node: LabNode,
    ticket: { token: string; caHash: string },
  ): Promise<void> {
    await writeFile(join(this.nodeFolder(node), 'join.yaml'), joinConfig(controlPlane, node, ticket));
    await this.kubeadm(node, ['join', '--config', `${INSIDE}/join.yaml`]);
  }

  private async kubeadm(node: LabNode, args: readonly string[]): Promise<void> {
    const host = await this.host(node);
    const log = join(this.nodeFolder(node), 'logs/kubeadm.log');
    // Its checks are those of a machine with systemd and an older cgroup driver; machine.ts has the lab's own.
    const output = await host.run(['kubeadm', ...args, '--ignore-preflight-errors=all', '-v=2']);
    await writeFile(log, output, { flag: 'a' });
  }
}
