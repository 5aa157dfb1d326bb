import { GPU } from '../model/gpu.js';
import { isLocalImage, isPinnedImage, PINNED_IMAGE_RULE } from '../model/image.js';
import { parseQuantity } from '../model/quantity.js';
import type { Landscape, PodSource } from './landscape.js';
import { containersOf } from './landscape.js';
import type { Container } from './manifest.js';
import type { Rule, Violation } from './rule.js';

/** Every container says what it needs, what it is and when it is well. */
export const CONTAINER_RULES: readonly Rule[] = [
  {
    name: 'resources',
    *check(landscape) {
      for (const [{ manifest }, { name, resources }] of containers(landscape)) {
        const amount = (kind: 'requests' | 'limits', of: string) => parseQuantity(resources?.[kind]?.[of] ?? '');
        for (const resource of ['cpu', 'memory'])
          if (!(amount('requests', resource) > 0))
            yield { manifest, message: `container ${name} requests no ${resource}` };
        if (!(amount('limits', 'memory') > 0)) yield { manifest, message: `container ${name} has no memory limit` };
        for (const resource of Object.keys(resources?.requests ?? {}))
          if (amount('requests', resource) > amount('limits', resource))
            yield { manifest, message: `container ${name} requests more ${resource} than its limit` };
      }
    },
  },
  {
    name: 'image-pinned',
    *check(landscape) {
      for (const [{ manifest }, { name, image = '' }] of containers(landscape))
        if (!isPinnedImage(image))
          yield { manifest, message: `container ${name} has image "${image}": ${PINNED_IMAGE_RULE}` };
    },
  },
  {
    name: 'local-image-is-never-pulled',
    *check(landscape) {
      for (const [{ manifest }, { name, image = '', imagePullPolicy = '' }] of containers(landscape))
        if (isLocalImage(image) && imagePullPolicy !== 'Never')
          yield { manifest, message: `container ${name} has imagePullPolicy "${imagePullPolicy}": want Never` };
    },
  },
  {
    name: 'probes',
    *check(landscape) {
      for (const kind of ['Deployment', 'StatefulSet', 'Rollout'] as const)
        for (const manifest of landscape.of(kind))
          for (const container of manifest.spec.template.spec.containers ?? [])
            for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'] as const)
              if (!container[probe]) yield { manifest, message: `container ${container.name} has no ${probe}` };
    },
  },
  { name: 'gpu', check: checkGpus },
];

function* checkGpus(landscape: Landscape): Iterable<Violation> {
  for (const [{ manifest, template }, { name, resources }] of containers(landscape)) {
    const limit = resources?.limits?.[GPU.resource];
    if (limit === undefined) continue;
    const { nodeSelector, tolerations = [], runtimeClassName } = template.spec;
    if (!/^[1-9]\d*$/.test(String(limit)))
      yield { manifest, message: `container ${name} has ${GPU.resource} = ${String(limit)}: want a whole number` };
    if (runtimeClassName !== GPU.runtimeClass)
      yield { manifest, message: `runtimeClassName = "${runtimeClassName ?? ''}": want ${GPU.runtimeClass}` };
    if (nodeSelector?.[GPU.presentLabel] !== 'true')
      yield { manifest, message: `nodeSelector lacks ${GPU.presentLabel}: "true"` };
    if (!tolerations.some(({ key, operator }) => key === GPU.taint && operator === 'Exists'))
      yield { manifest, message: `tolerations lack ${GPU.taint} Exists` };
  }
}

function containers(landscape: Landscape): (readonly [PodSource, Container])[] {
  return landscape
    .podSources()
    .flatMap((source) => containersOf(source.template).map((container) => [source, container] as const));
}
