/** The value that `share` of all are not above, e.g. 0.95. @throws RangeError for no values */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? sorted[0];
  if (value === undefined) throw new RangeError('no values to take a quantile of');
  return value;
}

/** @throws RangeError for no values */
export function median(values: readonly number[]): number {
  const upper = Math.floor(values.length / 2);
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[values.length % 2 === 0 ? upper - 1 : upper], sorted[upper]];
  if (low === undefined || high === undefined) throw new RangeError('no values to take a median of');
  return (low + high) / 2;
}
