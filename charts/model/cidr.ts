import { isIP, isIPv6 } from 'node:net';

/** An address block as numbers: its family, and its first and last address. */
interface Range {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

/** Whether `text` is a network in CIDR notation with no host bits set, e.g. `10.42.0.0/16` and not `10.42.0.1/16`. */
export function isCidr(text: string): boolean {
  return toRange(text) !== undefined;
}

/** Whether every address of `inner` is in `outer`; false when either is no CIDR or their families differ. */
export function contains(outer: string, inner: string): boolean {
  const [big, small] = [toRange(outer), toRange(inner)];
  return (
    big !== undefined &&
    small !== undefined &&
    big.family === small.family &&
    big.first <= small.first &&
    small.last <= big.last
  );
}

/** Whether the two blocks share an address. */
export function overlap(one: string, other: string): boolean {
  return contains(one, other) || contains(other, one);
}

/** The single address as a CIDR: `/32` or `/128`. */
export function hostCidr(address: string): string {
  return `${address}/${isIPv6(address) ? 128 : 32}`;
}

/** The first usable IPv4 address of a block; Kubernetes gives it to the Service `kubernetes` in the Service CIDR. */
export function firstAddress(cidr: string): string {
  const range = toRange(cidr);
  if (range?.family !== 4) throw new Error(`${cidr}: want an IPv4 network in CIDR notation`);
  const address = range.first + 1n;
  return [24n, 16n, 8n, 0n].map((shift) => String((address >> shift) & 255n)).join('.');
}

function toRange(text: string): Range | undefined {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
  const [address, prefix] = [match?.[1] ?? '', Number(match?.[2])];
  const family = isIP(address);
  if ((family !== 4 && family !== 6) || !(prefix <= (family === 4 ? 32 : 128))) return undefined;
  const size = 1n << BigInt((family === 4 ? 32 : 128) - prefix);
  const first = family === 4 ? fromIPv4(address) : fromIPv6(address);
  return first % size === 0n ? { family, first, last: first + size - 1n } : undefined;
}

function fromIPv4(address: string): bigint {
  return address.split('.').reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);
}

function fromIPv6(address: string): bigint {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  const tail = fromIPv4(dotted?.[2] ?? '0.0.0.0');
  const plain = dotted ? `${dotted[1] ?? ''}${(tail >> 16n).toString(16)}:${(tail & 65535n).toString(16)}` : address;
  const [head = [], rest = []] = plain.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const groups = [...head, ...Array<string>(8 - head.length - rest.length).fill('0'), ...rest];
  return groups.reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n);
}
