/** A network that hosts are plugged into, as the hypervisor or the house makes it. */
export interface NodeNetwork {
  /** Short name that interfaces refer to, e.g. `host-only`. */
  readonly name: string;
  /** What it is called where it is made, e.g. `VMnet1 (Host-only)`. */
  readonly title: string;
  /** What it is for, in a few words. */
  readonly purpose: string;
  readonly cidr: string;
  /** The hypervisor's own address on it. @default it has none */
  readonly hypervisorAddress?: string;
  /** Where everything else is reached; exactly one of a host's networks has one. @default no way out */
  readonly gateway?: string;
  /** Name servers. @default none */
  readonly dns?: readonly string[];
  /** Addresses that DHCP hands out to others, so that no host may have one. @default no DHCP */
  readonly dhcp?: { readonly first: string; readonly last: string };
}

/** A network interface of a host; its address is static, DHCP is off. */
export interface Nic {
  /** As the kernel names it, e.g. `ens33`. */
  readonly name: string;
  /** Name of its network. */
  readonly network: string;
  readonly address: string;
}

/** Networks that the internet does not route: RFC 1918, RFC 6598 and unique local addresses. */
export const PRIVATE_NETWORKS: readonly string[] = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
];
