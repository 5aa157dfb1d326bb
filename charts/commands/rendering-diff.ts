import { execFileSync } from 'node:child_process';
import { parseAllDocuments } from 'yaml';
import { DELIVERIES } from '../clusters.js';
import type { Manifest } from '../invariants/manifest.js';
import { render } from '../render/render.js';
import type { Difference } from './difference.js';
import { describeDifference, differences } from './difference.js';
import { objectName } from './review.js';

/** An object that is not alike on both sides; without differences it is on one side only. */
export interface ChangedObject {
  /** Folder of the output; empty for the terminal cluster. */
  readonly folder: string;
  readonly object: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly differences: readonly Difference[];
}

/** Compares the objects of one folder. */
export function changedObjects(
  folder: string,
  before: readonly Manifest[],
  after: readonly Manifest[],
): readonly ChangedObject[] {
  const [old, fresh] = [before, after].map((all) => new Map(all.map((one) => [objectName(one), one]))) as [
    Map<string, Manifest>,
    Map<string, Manifest>,
  ];
  return [...new Set([...old.keys(), ...fresh.keys()])].flatMap((object): ChangedObject[] => {
    const [one, other] = [old.get(object), fresh.get(object)];
    if (!one) return [{ folder, object, change: 'added', differences: [] }];
    if (!other) return [{ folder, object, change: 'removed', differences: [] }];
    const found = differences(one, other);
    return found.length === 0 ? [] : [{ folder, object, change: 'changed', differences: found }];
  });
}

/** What `npm run synth` would change of the rendering that is committed, in every folder. */
export function diffAgainstCommit(revision: string): readonly ChangedObject[] {
  return DELIVERIES.flatMap((delivery) => {
    const after = render(delivery).flatMap(({ manifests }) => manifests);
    return changedObjects(delivery.folder, committed(delivery.folder, revision), after);
  });
}

/** A line for each object that came or went, and for each field that changed. */
export function changeLines(changes: readonly ChangedObject[]): readonly string[] {
  return changes.flatMap(({ folder, object, change, differences: found }) => {
    const name = `${folder === '' ? '' : `${folder} `}${object}`;
    if (change !== 'changed') return [`${name}: ${change}`];
    return found.map((difference) => `${name}: ${describeDifference(difference)}`);
  });
}

/** The objects of one folder of the output as a revision has them. */
function committed(folder: string, revision: string): readonly Manifest[] {
  const git = (...words: readonly string[]) => execFileSync('git', words, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  const root = folder === '' ? 'cdk8s.out/' : `cdk8s.out/${folder}/`;
  return git('ls-tree', '--full-tree', '--name-only', revision, root)
    .split('\n')
    .filter((path) => path.endsWith('.k8s.yaml'))
    .flatMap((path) => parseAllDocuments(git('show', `${revision}:${path}`)))
    .map((document) => document.toJS() as Manifest);
}
