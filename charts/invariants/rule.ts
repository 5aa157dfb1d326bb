import type { Landscape } from './landscape.js';
import type { Manifest } from './manifest.js';

/** What an object does wrong, in words that name field and value. */
export interface Violation {
  readonly manifest: Manifest;
  readonly message: string;
}

/** Something that holds for everything that is rendered. */
export interface Rule {
  /** In kebab case; with the message it is what people read. */
  readonly name: string;
  readonly check: (landscape: Landscape) => Iterable<Violation>;
}

/** Every violation of every rule: `cluster/environment Kind/name: rule: what is wrong`. */
export function violations(landscape: Landscape, rules: readonly Rule[]): readonly string[] {
  const { name, environment } = landscape.cluster;
  return rules.flatMap((rule) =>
    [...rule.check(landscape)].map(
      ({ manifest, message }) =>
        `${name}/${environment} ${manifest.kind}/${manifest.metadata.name}: ${rule.name}: ${message}`,
    ),
  );
}
