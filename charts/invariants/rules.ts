import { CAPACITY_RULES } from './capacity-rules.js';
import { COMPONENT_RULES } from './component-rules.js';
import { CONTAINER_RULES } from './container-rules.js';
import { NETWORK_RULES } from './network-rules.js';
import { OBJECT_RULES } from './object-rules.js';
import { REFERENCE_RULES } from './reference-rules.js';
import { MESH_RULES } from './mesh-rules.js';
import { PLACEMENT_RULES } from './placement-rules.js';
import type { Rule } from './rule.js';
import { SCRAPE_RULES } from './scrape-rules.js';
import { SECURITY_RULES } from './security-rules.js';
import { WORKLOAD_RULES } from './workload-rules.js';

/** What holds for every cluster, also one of built-in kinds alone. */
export const COMMON_RULES: readonly Rule[] = [
  ...OBJECT_RULES,
  ...REFERENCE_RULES,
  ...WORKLOAD_RULES,
  ...CONTAINER_RULES,
  ...SECURITY_RULES,
  ...COMPONENT_RULES,
  ...NETWORK_RULES,
  ...CAPACITY_RULES,
];

/** What holds where there is a mesh, Prometheus, and pools of nodes. */
export const PLATFORM_RULES: readonly Rule[] = [...MESH_RULES, ...SCRAPE_RULES, ...PLACEMENT_RULES];

/** Everything that holds for whatever is rendered; a rendering that breaks one is not written. */
export const RULES: readonly Rule[] = [...COMMON_RULES, ...PLATFORM_RULES];
