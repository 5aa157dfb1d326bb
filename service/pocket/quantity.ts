const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** A Kubernetes quantity (`500m`, `2Gi`, `1`) in its base unit: cores, bytes, pieces. `undefined` when it is none. */
export function parseQuantity(quantity: string | number): number | undefined {
  if (typeof quantity === 'number') return quantity;
  const parts = /^([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)([numkMGTP]|[KMGTP]i)?$/.exec(quantity);
  const unit = SUFFIXES[parts?.[2] ?? ''];
  return parts === null || unit === undefined ? undefined : Number(parts[1]) * unit;
}

/** Writes `amount` of `resource` as the API does: memory in the largest binary unit that fits exactly, CPU in millis. */
export function formatQuantity(resource: string, amount: number): string {
  if (/memory|storage/.test(resource)) {
    for (const suffix of ['Pi', 'Ti', 'Gi', 'Mi', 'Ki']) {
      const unit = SUFFIXES[suffix] ?? 1;
      if (amount !== 0 && amount % unit === 0) return `${amount / unit}${suffix}`;
    }
  }
  const milli = Math.round(amount * 1000);
  return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`;
}
