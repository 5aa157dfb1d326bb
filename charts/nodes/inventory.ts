import type { Component } from '../model/cluster.js';
import type { GpuProduct } from '../model/gpu.js';
import type { Cni } from './cni.js';
import type { Nic, NodeNetwork } from './network.js';
import type { PortRule, Role } from './ports.js';

/** The machines of one cluster before Kubernetes: from it every node file, and the cluster's own data, are made. */
export interface Inventory {
  /** The cluster's name, and its folder below `nodes/`. */
  readonly name: string;
  readonly environment: string;
  /** What it is, for people. */
  readonly title: string;
  /** Who makes the machines: people, from files that are rendered, or a cloud, with tools of its own. @default people */
  readonly installedBy?: 'people' | 'cloud';
  /** Where the cluster's manifests are rendered. @default the folder of its name in `cdk8s.out` */
  readonly manifests?: string;
  readonly distribution: Distribution;
  readonly networks: readonly NodeNetwork[];
  /** The network of all cluster traffic: the nodes' own addresses, the API server, the Pods' tunnels. */
  readonly nodeNetwork: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** Prefix length of the part of `podCidr` that each node gets; Kubernetes' default is 24. */
  readonly podPrefix: number;
  readonly apiServer: { readonly advertiseAddress: string; readonly port: number };
  /** The Pod network. @default the distribution's own (k3s: Flannel, VXLAN) */
  readonly cni?: Cni;
  readonly kubeProxyMode: 'iptables' | 'ipvs' | 'nftables';
  readonly hypervisors: readonly Hypervisor[];
  /** The first is the control plane that is initialised, or the k3s server. */
  readonly hosts: readonly Host[];
  /** Everything that is open; what is not listed is closed. */
  readonly ports: readonly PortRule[];
  /** Node ports of Services that users reach, e.g. `31000` or `30000-32767`. */
  readonly nodePorts: readonly string[];
  /** Networks of the people who run the cluster and of those who use it. */
  readonly access: { readonly admins: readonly string[]; readonly users: readonly string[] };
  /** More networks of the operator's that no sandbox may reach. */
  readonly extraCidrs: readonly string[];
  readonly components: readonly Component[];
  /** Registries that are reached through mirrors. */
  readonly registries: readonly RegistryMirror[];
}

/** How Kubernetes gets onto the machines. */
export type Distribution = KubeadmDistribution | K3sDistribution;

/** Kubernetes' own packages and containerd from the distribution's. */
export interface KubeadmDistribution {
  readonly kind: 'kubeadm';
  /** E.g. `v1.34.4`. */
  readonly version: string;
  /** The minor release of containerd that apt is held to, e.g. `1.7`. */
  readonly containerd: string;
  /** Full reference of the pause image, the one that this kubeadm names. */
  readonly pauseImage: string;
}

/** k3s's installer, with everything in one binary. */
export interface K3sDistribution {
  readonly kind: 'k3s';
  /** E.g. `v1.34.4+k3s1`. */
  readonly version: string;
}

/** A physical machine that carries virtual ones, or is one itself; or all of a cloud's. */
export interface Hypervisor {
  readonly name: string;
  readonly kind: 'VMware Workstation on Windows' | 'VMware ESXi' | 'Linux namespaces' | 'AWS EC2' | 'bare metal';
  /** Its management address. @default its addresses are those on `networks` */
  readonly address?: string;
}

/** A machine that is, or will be, a node. */
export interface Host {
  readonly name: string;
  readonly hypervisor: string;
  /** `planned` hosts get files, and every firewall knows them; the cluster's data count running ones only. */
  readonly state: 'running' | 'planned';
  readonly role: Role;
  readonly machine: Machine;
  readonly system: System;
  readonly nics: readonly Nic[];
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** Cards that reach the machine by PCI passthrough. @default none */
  readonly gpus?: { readonly product: GpuProduct; readonly count: number };
  /** How many Pods its kubelet takes; Kubernetes' own default is 110. */
  readonly maxPods: number;
  /** What the system keeps for itself. */
  readonly reserved: { readonly cpu: string; readonly memory: string };
  /** Whether sandboxes may run here: a greedy process is then killed alone, not its whole container. */
  readonly sandboxes: boolean;
  /** Kubernetes on this host, where it lags behind. @default the distribution's */
  readonly version?: string;
}

/** The size of a machine, as Kubernetes quantities, and what is installed on it. */
export interface Machine {
  readonly cpu: string;
  readonly memory: string;
  readonly disk: string;
  readonly filesystem: 'ext4';
  readonly os: 'Ubuntu Server 24.04' | 'Debian 12';
  /** What of it is ours and not the seed's. @default all of it is given */
  readonly assumption?: string;
}

/** The settings of the operating system that people notice. */
export interface System {
  readonly user: string;
  readonly timeZone: string;
  readonly locale: string;
  readonly ntp: readonly string[];
  /** Public keys that may log in. @default none: put yours in */
  readonly sshKeys?: readonly string[];
}

/** A taint as the API spells it. */
export interface Taint {
  readonly key: string;
  /** @default none */
  readonly value?: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

/** Where images of a registry are really asked for, first to last. */
export interface RegistryMirror {
  /** E.g. `docker.io`. */
  readonly registry: string;
  readonly endpoints: readonly string[];
}

/** The host's interface on the network of cluster traffic; undefined when it has none, which a check reports. */
export function nodeNic(inventory: Inventory, host: Host): Nic | undefined {
  return host.nics.find(({ network }) => network === inventory.nodeNetwork);
}

/** The host's address as a node. Call it on checked data only. */
export function nodeAddress(inventory: Inventory, host: Host): string {
  return nodeNic(inventory, host)?.address ?? '';
}

/** Kubernetes' version on a host. */
export function versionOf({ distribution }: Inventory, host: Host): string {
  return host.version ?? distribution.version;
}

/** The network that an interface is plugged into. */
export function networkOf(inventory: Inventory, nic: Nic): NodeNetwork | undefined {
  return inventory.networks.find(({ name }) => name === nic.network);
}
