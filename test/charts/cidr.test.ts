import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { contains, firstAddress, hostCidr, isCidr, overlap } from '../../charts/model/cidr.js';

test('a network has no host bits and a prefix that its family knows', () => {
  for (const good of ['0.0.0.0/0', '10.42.0.0/16', '192.0.2.7/32', '::/0', 'fc00::/7', 'fe80::/10', '64:ff9b::/96'])
    expect([good, isCidr(good)]).toEqual([good, true]);
  for (const bad of [
    '',
    '10.42.0.0',
    '10.42.0.1/16',
    '10.42.0.0/33',
    '10.42.0/16',
    'fc00::1/7',
    '::/129',
    '10.0.0.0/-1',
  ])
    expect([bad, isCidr(bad)]).toEqual([bad, false]);
});

test('every address is in the whole of its own family and in no other', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
      expect(isIPv4(address) || isIPv6(address)).toBe(true);
      expect(contains('0.0.0.0/0', hostCidr(address))).toBe(isIPv4(address));
      expect(contains('::/0', hostCidr(address))).toBe(isIPv6(address));
    }),
  );
});

test('containing and overlapping follow the numbers, however an address is written', () => {
  expect(contains('172.16.0.0/12', '172.31.0.0/16')).toBe(true);
  expect(contains('172.16.0.0/12', '172.32.0.0/16')).toBe(false);
  expect(overlap('10.42.128.0/17', '10.42.0.0/16')).toBe(true);
  expect(overlap('10.42.0.0/17', '10.42.128.0/17')).toBe(false);
  expect(contains('::ffff:0:0/96', hostCidr('::ffff:10.0.0.1'))).toBe(true);
  expect(contains('64:ff9b::/96', hostCidr('64:ff9b::192.0.2.1'))).toBe(true);
  expect(contains('2001:db8::/32', hostCidr('2001:0db8:0000::1'))).toBe(true);
});

test('the API server is the first address of the Service network', () => {
  expect(firstAddress('10.43.0.0/16')).toBe('10.43.0.1');
});
