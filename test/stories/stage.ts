/** Where the terminal stories play: the pocket cluster or a real one, with Berth on it. The stories know no more than this. */
export interface Stage {
  /** Every bridge replica's base URL; more than one where replicas can be told apart, else one for them all. */
  readonly urls: readonly string[];
  /** Users of this stage and their tokens. */
  readonly tokens: Readonly<Record<'alice' | 'bob', string>>;
  /** Kills a bridge without a warning and sees to another one. */
  crashBridge(): Promise<void>;
  /** Cuts every exec stream to this session's sandbox, as a network does: without a last word. @returns how many were cut */
  cutStreams(session: string): Promise<number>;
  /** Deletes the Pod behind the bridge's back. */
  deletePod(session: string): Promise<void>;
  /** The session ids of all sandbox Pods that exist. */
  sandboxes(): Promise<readonly string[]>;
  /** The sandbox processes of this session, or of all: a line for each. */
  processes(session?: string): Promise<readonly string[]>;
  /** Adds a profile like `small` whose keeper has these environment variables changed. */
  addProfile(name: string, environment: Readonly<Record<string, string>>): Promise<void>;
  /** The value of a bridge metric, summed over replicas and labels. */
  metric(name: string): Promise<number>;
  stop(): Promise<void>;
}
