import type { Delivery } from './clusters/delivery.js';
import { ECO2_DEV } from './clusters/eco2/dev.js';
import { ECO2_PROD } from './clusters/eco2/prod.js';
import { k3sData, k3sDelivery } from './clusters/k3s/delivery.js';
import { MINIPC_DATA, miniPcDelivery } from './clusters/minipc/delivery.js';
import { PLACEHOLDERS } from './clusters/placeholders.js';
import { platformDelivery } from './platform/platform-delivery.js';

/** The table of contents: every cluster × environment that `npm run synth` renders. */
export const DELIVERIES: readonly Delivery[] = [
  k3sDelivery(k3sData(PLACEHOLDERS)),
  platformDelivery(ECO2_DEV),
  platformDelivery(ECO2_PROD),
  miniPcDelivery(MINIPC_DATA),
];
