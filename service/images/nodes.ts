import { checkListings, readListing, type ListedImage } from './node-listing.js';
import { listCommand, probeNode, readProbe, type NodeTarget } from './node-target.js';
import type { Options } from './options.js';
import { runCommand } from './run-command.js';

/** The nodes that can be worked with, and what is wrong with the others. */
export interface FoundNodes {
  readonly targets: readonly NodeTarget[];
  readonly problems: readonly string[];
}

/** Looks at every node at once. A dry run asks no node and takes root, and k3s unless told otherwise. */
export async function findNodes({
  nodes,
  runtime,
  dryRun,
}: Pick<Options, 'nodes' | 'runtime' | 'dryRun'>): Promise<FoundNodes> {
  if (dryRun) {
    return { targets: nodes.map((name) => ({ name, runtime: runtime ?? 'k3s', sudo: false })), problems: [] };
  }
  const found = await Promise.all(
    nodes.map(async (name) => {
      const { ok, output, failure } = await runCommand(probeNode(name), false);
      return ok ? readProbe(name, output, runtime) : [`${name}: cannot be reached: ${failure}`];
    }),
  );
  return {
    targets: found.flatMap((node) => ('name' in node ? [node] : [])),
    problems: found.flatMap((node) => ('name' in node ? [] : node)),
  };
}

/** What is wrong with the images on the nodes; empty if every node has every image, pinned, from the same build. */
export async function checkNodes(references: readonly string[], nodes: readonly NodeTarget[]): Promise<string[]> {
  const outcomes = await Promise.all(nodes.map((node) => runCommand(listCommand(node), false)));
  const problems: string[] = [];
  const listings = new Map<string, ReadonlyMap<string, ListedImage>>();
  for (const [index, { name }] of nodes.entries()) {
    const { ok = false, output = '', failure = '' } = outcomes[index] ?? {};
    if (ok) listings.set(name, readListing(output));
    else problems.push(`${name}: its images cannot be listed: ${failure}`);
  }
  return [...problems, ...checkListings(references, listings)];
}
