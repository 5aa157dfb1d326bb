/**
 * The addresses that only you know. These are documentation addresses (RFC 5737), which exist nowhere: put your own here,
 * run `npm run synth` and apply. Nothing else in the repository holds an address of yours.
 */
export interface Addresses {
  /** The network of the nodes' addresses. */
  readonly nodeCidr: string;
  /** The address of `k8s-node`, which users open with port 31000. */
  readonly k8sNode: string;
  /** Networks that no sandbox may reach beside the cluster's own and the private ones, e.g. hypervisor management. */
  readonly extraCidrs: readonly string[];
}

export const PLACEHOLDERS: Addresses = {
  nodeCidr: '192.0.2.0/24',
  k8sNode: '192.0.2.10',
  extraCidrs: ['198.51.100.0/24'],
};
