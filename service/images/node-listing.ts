import { PINNED_LABEL } from './node-target.js';

/** One image that a node has. */
export interface ListedImage {
  readonly digest: string;
  readonly pinned: boolean;
}

/** Reads what `ctr images list` prints: a table whose first and third columns are the reference and the digest. */
export function readListing(output: string): ReadonlyMap<string, ListedImage> {
  const rows = output.trim().split('\n').slice(1);
  return new Map(
    rows.map((row) => {
      const columns = row.trim().split(/\s+/);
      const labels = columns.at(-1)?.split(',') ?? [];
      return [columns[0] ?? '', { digest: columns[2] ?? '', pinned: labels.includes(PINNED_LABEL) }];
    }),
  );
}

/**
 * What is wrong with the images on the nodes, in words that name the node and say what to do; empty if all is well.
 *
 * @param references the images that every node must have
 * @param listings what each node has, by the node's name
 */
export function checkListings(
  references: readonly string[],
  listings: ReadonlyMap<string, ReadonlyMap<string, ListedImage>>,
): string[] {
  return references.flatMap((reference) => {
    const problems: string[] = [];
    const digests = new Map<string, string[]>();
    for (const [node, listing] of listings) {
      const image = listing.get(reference);
      if (image === undefined) {
        problems.push(`${node}: ${reference} is missing; npm run images -- import --nodes ${node}`);
        continue;
      }
      if (!image.pinned) {
        problems.push(`${node}: ${reference} is not pinned, garbage collection may delete it; import it again`);
      }
      digests.set(image.digest, [...(digests.get(image.digest) ?? []), node]);
    }
    if (digests.size > 1) {
      const builds = [...digests].map(([digest, nodes]) => `${digest.slice(0, 19)} on ${nodes.join(', ')}`);
      problems.push(`${reference} differs between nodes: ${builds.join('; ')}; import it on all of them`);
    }
    return problems;
  });
}
