const SUFFIXES: Readonly<Record<string, number>> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A Kubernetes quantity as a number of its base unit (cores, bytes, pieces); NaN when it is none. */
export function parseQuantity(text: string | number): number {
  const match = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(String(text));
  const factor = SUFFIXES[match?.[2] ?? 'none'];
  return match && factor !== undefined ? Number(match[1]) * factor : NaN;
}
