import { ECO2_DEV } from '../../charts/clusters/eco2/dev.js';
import { ECO2_PROD } from '../../charts/clusters/eco2/prod.js';
import { Landscape } from '../../charts/invariants/landscape.js';
import type { Platform } from '../../charts/platform/platform.js';
import { platformDelivery } from '../../charts/platform/platform-delivery.js';
import { synth } from '../../charts/render/synth.js';
import { SynthError } from '../../charts/render/synth-error.js';

/** A platform as it is rendered from some data. */
export function rendered(platform: Platform): Landscape {
  const manifests = synth([platformDelivery(platform)]).flatMap((file) => file.manifests);
  return new Landscape(platform.cluster, manifests, false);
}

export const DEV = rendered(ECO2_DEV);
export const PROD = rendered(ECO2_PROD);

/** Both environments, for stories that are true of each. */
export const BOTH = [
  ['dev', DEV, ECO2_DEV],
  ['prod', PROD, ECO2_PROD],
] as const;

/** What a person is told about these data; nothing when they can be rendered. */
export function complaints(platform: Platform): readonly string[] {
  try {
    synth([platformDelivery(platform)]);
    return [];
  } catch (error) {
    if (error instanceof SynthError) return error.complaints;
    throw error;
  }
}
