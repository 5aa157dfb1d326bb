import { contains } from '../model/cidr.js';
import { ownCidrs } from '../model/cluster.js';
import type { Rule } from './rule.js';

/** Networks that are never the internet, whatever cluster it is. */
const PRIVATE = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
  '64:ff9b::/96',
];

/** What network policies must never open. */
export const NETWORK_RULES: readonly Rule[] = [
  {
    name: 'internet-is-nothing-nearer',
    *check(landscape) {
      const closed = [...ownCidrs(landscape.cluster), ...PRIVATE];
      for (const manifest of landscape.of('NetworkPolicy'))
        for (const { ipBlock } of (manifest.spec.egress ?? []).flatMap(({ to = [] }) => to)) {
          if (ipBlock?.cidr.endsWith('/0') !== true) continue;
          const except = ipBlock.except ?? [];
          for (const cidr of closed)
            if (contains(ipBlock.cidr, cidr) && !except.some((block) => contains(block, cidr)))
              yield { manifest, message: `egress to ${ipBlock.cidr} does not except ${cidr}` };
        }
    },
  },
];
