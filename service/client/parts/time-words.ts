const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: 'long', hour: '2-digit', minute: '2-digit' });
const HOURS_12 = 12 * 3_600_000;

/** A moment near `now`, as a person reads it in this browser's language and time zone; both in milliseconds since the epoch. */
export function timeWords(at: number, now: number): string {
  return Math.abs(at - now) < HOURS_12 ? `(at ${CLOCK.format(at)})` : `(${DAY.format(at)})`;
}
