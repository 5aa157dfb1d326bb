/** Milliseconds: the longest wait between two tries, and what the waits grow from. */
export const RECONNECT_CAP = 10_000;
export const RECONNECT_BASE = 500;

/**
 * Full jitter: a random wait below a bound that doubles with each try, so that a thousand pages that lost one bridge
 * do not come back in the same instant. Try 0 is at once.
 */
export function reconnectDelay(attempt: number, random: number): number {
  if (attempt <= 0) return 0;
  return Math.round(random * Math.min(RECONNECT_CAP, RECONNECT_BASE * 2 ** attempt));
}
