import type { Amounts } from '../constructs/quantities.js';
import type { GpuProduct } from '../model/gpu.js';
import { GPU_PRODUCTS } from '../model/gpu.js';
import { isPinnedImage, PINNED_IMAGE_RULE } from '../model/image.js';
import { isObjectName, OBJECT_NAME_RULE } from '../model/object-name.js';
import type { Problem } from '../model/problem.js';
import { Findings } from '../model/problem.js';
import { parseQuantity } from '../model/quantity.js';

/** A shape of sandbox that users may choose. */
export interface Profile {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly image: string;
  /** CPU, memory and ephemeral storage: what the scheduler sets aside, and the most it may use. */
  readonly requests: Amounts;
  readonly limits: Amounts;
  /** Sizes of the three places that can be written; all of them count as ephemeral storage. */
  readonly scratch: { readonly home: string; readonly tmp: string; readonly run: string };
  /** Whether it reaches the internet; private and cluster networks are never reached. */
  readonly internet: boolean;
  /** What POST /api/sessions uses when no profile is named; exactly one profile. @default false */
  readonly default?: boolean;
  /** One card, and the node that holds it. @default no GPU */
  readonly gpu?: GpuClaim;
  /** Secrets of the namespace whose entries become environment variables, where they exist. @default none */
  readonly secrets?: readonly string[];
}

/** How a sandbox gets a GPU. */
export interface GpuClaim {
  readonly product: GpuProduct;
  /** Cards; GPUs are not shared, so this is a whole number. */
  readonly count: number;
  /** The RuntimeClass that gives the container the card; without it the container starts and sees none. */
  readonly runtimeClass: string;
  /** The taint of GPU nodes that it tolerates. */
  readonly toleration: string;
}

const RESOURCES = ['cpu', 'memory', 'ephemeral-storage'] as const;

/** Everything wrong with one profile. */
export function checkProfile(profile: Profile): readonly Problem[] {
  const findings = new Findings();
  const { name, title, image, requests, limits, scratch, gpu } = profile;
  findings.need(isObjectName(name), 'name', name, OBJECT_NAME_RULE);
  findings.need(title !== '', 'title', title, 'must not be empty');
  findings.need(isPinnedImage(image), 'image', image, PINNED_IMAGE_RULE);
  for (const resource of RESOURCES) {
    const [request, limit] = [amount(requests, resource), amount(limits, resource)];
    findings.need(request > 0, `requests.${resource}`, requests[resource], 'want a quantity above 0');
    findings.need(limit > 0, `limits.${resource}`, limits[resource], 'want a quantity above 0');
    findings.need(
      !(request > limit),
      `requests.${resource}`,
      requests[resource],
      `must not exceed the limit ${limits[resource] ?? ''}`,
    );
  }
  const sizes = Object.entries(scratch);
  for (const [place, size] of sizes)
    findings.need(parseQuantity(size) > 0, `scratch.${place}`, size, 'want a quantity above 0');
  const sum = sizes.reduce((total, [, size]) => total + parseQuantity(size), 0);
  const fits = !(sum > amount(limits, 'ephemeral-storage'));
  findings.need(
    fits,
    'scratch',
    scratch,
    `together at most limits.ephemeral-storage, ${limits['ephemeral-storage'] ?? ''}`,
  );
  for (const secret of profile.secrets ?? []) findings.need(isObjectName(secret), 'secrets', secret, OBJECT_NAME_RULE);
  if (gpu) {
    const products = Object.keys(GPU_PRODUCTS);
    findings.need(products.includes(gpu.product), 'gpu.product', gpu.product, `want one of ${products.join(', ')}`);
    findings.need(Number.isInteger(gpu.count) && gpu.count > 0, 'gpu.count', gpu.count, 'want a whole number above 0');
    findings.need(
      Boolean(gpu.runtimeClass),
      'gpu.runtimeClass',
      gpu.runtimeClass,
      'a GPU profile needs its RuntimeClass',
    );
    findings.need(
      Boolean(gpu.toleration),
      'gpu.toleration',
      gpu.toleration,
      'a GPU profile needs the toleration of its taint',
    );
  }
  return findings.problems;
}

/** Everything wrong with the profiles together. */
export function checkProfiles(profiles: readonly Profile[]): readonly Problem[] {
  const findings = new Findings();
  findings.unique(
    profiles.map(({ name }) => name),
    'profiles.name',
  );
  const defaults = profiles.filter((profile) => profile.default).map(({ name }) => name);
  findings.need(defaults.length === 1, 'profiles.default', defaults, 'want exactly one default profile');
  profiles.forEach((profile) => findings.include(`profiles.${profile.name}`, checkProfile(profile)));
  return findings.problems;
}

function amount(amounts: Amounts, resource: string): number {
  return parseQuantity(amounts[resource] ?? '');
}
