/** What the process that runs the pocket cluster is told, as JSON in its first argument. */
export interface PocketOrder {
  /** `shell`: real keepers. `stand-in`: sandboxes that only answer, light enough for hundreds. */
  readonly sandboxes: 'shell' | 'stand-in';
  /** Further environment of the bridge. */
  readonly bridgeEnvironment: Readonly<Record<string, string>>;
}

/** What it answers once everything runs. */
export interface PocketFacts {
  readonly url: string;
  readonly token: string;
  /** The kubeconfig of an administrator. */
  readonly kubeconfig: string;
  /** Which program joins an exec with the keeper. */
  readonly attach: 'socat' | 'node';
}
