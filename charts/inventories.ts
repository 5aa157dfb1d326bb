import { k3sNodes } from './clusters/k3s/nodes.js';
import { PLACEHOLDERS } from './clusters/placeholders.js';
import { VMWARE_LAB } from './clusters/vmware-lab/inventory.js';
import type { Inventory } from './nodes/inventory.js';

/** The machines whose files `npm run synth` renders, below `nodes/`; clusters of the same name must agree with theirs. */
export const INVENTORIES: readonly Inventory[] = [k3sNodes(PLACEHOLDERS), VMWARE_LAB];
