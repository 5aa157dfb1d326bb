import { isIPv4 } from 'node:net';

/** An IPv4 address as a number; NaN for anything else. */
export function addressNumber(address: string): number {
  if (!isIPv4(address)) return NaN;
  return address.split('.').reduce((number, byte) => number * 256 + Number(byte), 0);
}

/** The number of a CIDR's prefix, e.g. 24. */
export function prefixOf(cidr: string): number {
  return Number(cidr.split('/')[1]);
}

/** Whether an IPv4 address is in a network and is neither its first nor its last address, which no host may have. */
export function isHostAddress(cidr: string, address: string): boolean {
  const size = 2 ** (32 - prefixOf(cidr));
  const offset = addressNumber(address) - addressNumber(cidr.split('/')[0] ?? '');
  return offset > 0 && offset < size - 1;
}

/** Whether an address lies in a range, its ends included. */
export function isBetween(address: string, first: string, last: string): boolean {
  const number = addressNumber(address);
  return addressNumber(first) <= number && number <= addressNumber(last);
}

/** The `n`th address of an IPv4 network, e.g. 10 of `10.96.0.0/12` is `10.96.0.10`. */
export function nthAddress(cidr: string, n: number): string {
  const number = addressNumber(cidr.split('/')[0] ?? '') + n;
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}
