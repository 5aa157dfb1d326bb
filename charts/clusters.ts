import type { Delivery } from './clusters/delivery.js';
import { k3sData, k3sDelivery } from './clusters/k3s/delivery.js';
import { PLACEHOLDERS } from './clusters/placeholders.js';

/** The table of contents: every cluster × environment that `npm run synth` renders. */
export const DELIVERIES: readonly Delivery[] = [k3sDelivery(k3sData(PLACEHOLDERS))];
