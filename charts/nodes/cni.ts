/** The Pod networks that a kubeadm cluster may be given. k3s brings its own Flannel. */
export type Cni = FlannelChoice | CalicoChoice | WeaveChoice;

/** Flannel has no NetworkPolicies of its own, so a policy controller comes with it. */
export interface FlannelChoice {
  readonly name: 'flannel';
  readonly backend: 'vxlan' | 'host-gw';
  /** E.g. `v0.26.7`. */
  readonly version: string;
  /** Release of Flannel's CNI plugin, e.g. `v1.6.2-flannel1`. */
  readonly pluginVersion: string;
  /** Release of kube-router, of which only the policy controller runs: the one that k3s embeds. */
  readonly policyControllerVersion: string;
}

/** Calico by its operator, VXLAN between nodes; it enforces NetworkPolicies itself. */
export interface CalicoChoice {
  readonly name: 'calico';
  /** E.g. `v3.30.3`. */
  readonly version: string;
}

/** Named by the seed, and refused. */
export interface WeaveChoice {
  readonly name: 'weave';
}

/** Why a cluster cannot have Weave. */
export const WEAVE_REFUSAL =
  'Weave Net was archived in June 2024 and gets no security fixes: want flannel with its policy controller, or calico';
