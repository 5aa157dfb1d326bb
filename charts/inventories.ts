import { ECO2_DEV_MACHINES } from './clusters/eco2/dev.js';
import { ECO2_PROD_MACHINES } from './clusters/eco2/prod.js';
import { k3sNodes } from './clusters/k3s/nodes.js';
import { MINIPC_MACHINES } from './clusters/minipc/machines.js';
import { PLACEHOLDERS } from './clusters/placeholders.js';
import { VMWARE_LAB } from './clusters/vmware-lab/inventory.js';
import type { Inventory } from './nodes/inventory.js';

/**
 * All machines. Clusters of the same name and environment must agree with theirs; of those that people install, `npm run
 * synth` renders the files, below `nodes/`.
 */
export const INVENTORIES: readonly Inventory[] = [
  k3sNodes(PLACEHOLDERS),
  VMWARE_LAB,
  MINIPC_MACHINES,
  ECO2_DEV_MACHINES,
  ECO2_PROD_MACHINES,
];
