/** Time as the keeper's core sees it, so that a test can move it by hand. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `work` once in `ms` milliseconds; the answer cancels it. */
  after(ms: number, work: () => void): () => void;
  /** Calls `work` once, after the input that is already there has been read. */
  soon(work: () => void): void;
}

/** The real time. */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  after: (ms, work) => {
    const timer = setTimeout(work, ms);
    return () => {
      clearTimeout(timer);
    };
  },
  soon: (work) => {
    setImmediate(work);
  },
};
