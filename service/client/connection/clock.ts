/** Time and chance, so that a test can decide both. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `action` once after `delay` milliseconds; the returned function calls it off. */
  after(delay: number, action: () => void): () => void;
  /** In [0, 1). */
  random(): number;
}

/** The browser's own. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delay, action) => {
    const timer = setTimeout(action, delay);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
