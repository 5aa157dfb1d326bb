import type { NamespaceLimits } from '../constructs/namespace-guard.js';
import type { Amounts } from '../constructs/quantities.js';
import { isPinnedImage, PINNED_IMAGE_RULE } from '../model/image.js';
import { isObjectName, OBJECT_NAME_RULE } from '../model/object-name.js';
import type { Problem } from '../model/problem.js';
import { Findings } from '../model/problem.js';
import { parseQuantity } from '../model/quantity.js';

/** One tier of the Papers application: a namespace with one workload of the same name. */
export interface PapersTier {
  readonly name: string;
  readonly image: string;
  readonly replicas: number;
  readonly requests: Amounts;
  readonly limits: Amounts;
  /** What the namespace may use together. */
  readonly quota: Amounts;
  readonly namespaceLimits: NamespaceLimits;
}

/** A tier that keeps data. */
export interface StoringTier extends PapersTier {
  /** Bytes of each claim. */
  readonly storage: string;
  readonly storageClass: string;
}

/** The Papers application of one cluster. */
export interface Papers {
  readonly frontend: PapersTier & { readonly ingressClass: string };
  readonly backend: StoringTier;
  readonly blockchain: StoringTier;
}

/** The port of every tier's container and Service. */
export const PAPERS_PORT = 8080;

/** Everything wrong with the data of the Papers application. */
export function checkPapers({ frontend, backend, blockchain }: Papers): readonly Problem[] {
  const findings = new Findings();
  const tiers = { frontend, backend, blockchain };
  findings.unique(
    Object.values(tiers).map(({ name }) => name),
    'name',
  );
  for (const [field, tier] of Object.entries(tiers)) {
    findings.need(isObjectName(tier.name), `${field}.name`, tier.name, OBJECT_NAME_RULE);
    findings.need(isPinnedImage(tier.image), `${field}.image`, tier.image, PINNED_IMAGE_RULE);
    const counted = Number.isInteger(tier.replicas) && tier.replicas > 0;
    findings.need(counted, `${field}.replicas`, tier.replicas, 'want a whole number above 0');
    for (const resource of ['cpu', 'memory', 'ephemeral-storage'])
      for (const kind of ['requests', 'limits'] as const) {
        const amount = tier[kind][resource];
        findings.need(
          parseQuantity(amount ?? '') > 0,
          `${field}.${kind}.${resource}`,
          amount,
          'want a quantity above 0',
        );
      }
  }
  for (const [field, { storage }] of Object.entries({ backend, blockchain }))
    findings.need(parseQuantity(storage) > 0, `${field}.storage`, storage, 'want a quantity above 0');
  return findings.problems;
}
