/** A Pod as far as a stage looks at it. */
export interface StagePod {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly restartCount: number; readonly ready: boolean }[];
  };
}

/** What a stage sees of the nodes and does to them behind the API server's back. */
export interface StageNodes {
  /** The processes in the containers of the Pod of this name, a line for each, whether the API still knows it or not. */
  processes(pod: string): Promise<readonly string[]>;
  /** Ends all processes of the Pod of this name as a crash does: no signal that can be handled, no time. */
  crash(pod: string): Promise<void>;
  /** What a page of a Pod's says, whatever its NetworkPolicies keep out. */
  page(pod: StagePod, port: number, path: string): Promise<string>;
  /** Cuts every exec stream to this Pod on the node's side of the API server. @returns how many */
  cutStreams(pod: StagePod): Promise<number>;
}
