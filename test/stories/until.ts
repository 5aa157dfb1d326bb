import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for a condition by asking again and again; the test's own time-out is the only clock.
 *
 * @param what completes the sentence "waited for …" when the test gives up after `patience` milliseconds
 */
export async function until<Value>(
  what: string,
  ask: () => Promise<Value | undefined | false> | Value | undefined | false,
  patience = 45_000,
): Promise<Value> {
  const end = Date.now() + patience;
  let last: unknown;
  while (Date.now() < end) {
    try {
      const value = await ask();
      if (value !== undefined && value !== false) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    await delay(25);
  }
  throw new Error(`waited for ${what}; last seen: ${last instanceof Error ? last.message : JSON.stringify(last)}`);
}
