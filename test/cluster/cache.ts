import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** This folder. */
export const HERE = import.meta.dirname;

/** The repository. */
export const REPOSITORY = resolve(HERE, '../..');

/**
 * Where binaries, images and running labs lie: `BERTH_CLUSTER_CACHE`, else `.cache/cluster` of the repository. It must be
 * on a disk that can carry overlayfs layers, so not on an overlay itself.
 */
export const CACHE = resolve(process.env['BERTH_CLUSTER_CACHE'] ?? join(REPOSITORY, '.cache/cluster'));

/** Binaries, each module in a folder whose name holds the key of its sources. */
export const BINARIES = join(CACHE, 'bin');

/** Sixteen hex digits that change with any of the parts. */
export function contentKey(parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex').slice(0, 16);
}

/** The SHA-256 of a file as hex digits. */
export async function fileHash(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}

/** Whether the path exists. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Gives `path`, made by `make` when missing: in a path beside it, renamed when complete, so never found half done. */
export async function cached(path: string, make: (unfinished: string) => Promise<void>): Promise<string> {
  if (await exists(path)) return path;
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  try {
    await make(unfinished);
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return path;
}
