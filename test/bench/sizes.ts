/** How much is measured. */
export interface Sizes {
  readonly rounds: number;
  readonly keysPerRound: number;
  readonly bulkMegabytes: number;
  /** How long `yes` floods before Ctrl-C, or before the viewer stalls, in milliseconds. */
  readonly flood: number;
  /** Milliseconds. */
  readonly stall: number;
  readonly stallRounds: number;
  /** On a pocket cluster. */
  readonly sessions: number;
  /** On a real cluster, where each is a real Pod: as many as the rendered deployment allows one user. */
  readonly clusterSessions: number;
  readonly reconnects: number;
}

export const FULL: Sizes = {
  rounds: 5,
  keysPerRound: 100,
  bulkMegabytes: 64,
  flood: 2_000,
  stall: 8_000,
  stallRounds: 3,
  sessions: 500,
  clusterSessions: 4,
  reconnects: 20,
};

/** Shows that everything works; its figures mean little. */
export const QUICK: Sizes = {
  rounds: 1,
  keysPerRound: 30,
  bulkMegabytes: 4,
  flood: 500,
  stall: 1_500,
  stallRounds: 1,
  sessions: 20,
  clusterSessions: 4,
  reconnects: 3,
};
