import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { RenderedFile } from './render.js';
import { MARK } from './render.js';
import { SynthError } from './synth-error.js';

/**
 * Replaces the output folder by these files: they are written beside it and swapped in, so that a failure leaves it as it
 * was, and files of an earlier rendering are gone.
 * @throws SynthError when the folder holds a file that was not rendered by us: it would be lost
 */
export function writeOutput(folder: string, files: readonly RenderedFile[]): void {
  const foreign = listFiles(folder).filter((path) => !readFileSync(join(folder, path), 'utf8').includes(MARK));
  if (foreign.length > 0)
    throw new SynthError(foreign.map((path) => `${join(folder, path)}: is not a rendered file, and would be lost`));
  mkdirSync(dirname(folder), { recursive: true });
  const fresh = mkdtempSync(`${folder}.new-`);
  const old = `${fresh}.old`;
  try {
    chmodSync(fresh, 0o755);
    for (const { path, text } of files) {
      mkdirSync(dirname(join(fresh, path)), { recursive: true });
      writeFileSync(join(fresh, path), text);
    }
    if (existsSync(folder)) renameSync(folder, old);
    renameSync(fresh, folder);
  } catch (error) {
    if (existsSync(old) && !existsSync(folder)) renameSync(old, folder);
    rmSync(fresh, { recursive: true, force: true });
    throw error;
  }
  rmSync(old, { recursive: true, force: true });
}

/** The files in a folder, as paths below it, sorted; none when there is no such folder. */
export function listFiles(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
