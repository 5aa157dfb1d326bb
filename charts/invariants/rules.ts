import { CAPACITY_RULES } from './capacity-rules.js';
import { COMPONENT_RULES } from './component-rules.js';
import { CONTAINER_RULES } from './container-rules.js';
import { NETWORK_RULES } from './network-rules.js';
import { OBJECT_RULES } from './object-rules.js';
import { REFERENCE_RULES } from './reference-rules.js';
import type { Rule } from './rule.js';
import { SECURITY_RULES } from './security-rules.js';
import { WORKLOAD_RULES } from './workload-rules.js';

/** Everything that holds for whatever is rendered; a rendering that breaks one is not written. */
export const RULES: readonly Rule[] = [
  ...OBJECT_RULES,
  ...REFERENCE_RULES,
  ...WORKLOAD_RULES,
  ...CONTAINER_RULES,
  ...SECURITY_RULES,
  ...COMPONENT_RULES,
  ...NETWORK_RULES,
  ...CAPACITY_RULES,
];
