/** The version of the wire protocol that this code speaks best. */
export const PROTOCOL_VERSION = 1;

/** The oldest version that this code still serves: N serves N−1, so a rolling update never strands an open tab or sandbox. */
export const OLDEST_VERSION = 1;

/**
 * The version that both ends speak, or `undefined` when there is none.
 *
 * A newer viewer is answered with our version and must step down to it. Within a version, unknown message types and
 * unknown fields are ignored by the receiver, so additions need no new version.
 */
export function agreeOnVersion(
  offered: number,
  newest = PROTOCOL_VERSION,
  oldest = OLDEST_VERSION,
): number | undefined {
  const agreed = Math.min(offered, newest);
  return Number.isInteger(offered) && agreed >= oldest ? agreed : undefined;
}
