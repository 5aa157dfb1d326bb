import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RenderedFile } from './render.js';

/**
 * Replaces the output folder by these files: written beside it first, then swapped in, so that a failure leaves it as it
 * was. Whatever else lay in the folder is gone: it holds rendered files only.
 */
export function writeOutput(folder: string, files: readonly RenderedFile[]): void {
  mkdirSync(dirname(folder), { recursive: true });
  const fresh = mkdtempSync(`${folder}.new-`);
  try {
    for (const { path, text } of files) {
      const target = join(fresh, path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
    const old = `${fresh}.old`;
    if (existsSync(folder)) renameSync(folder, old);
    renameSync(fresh, folder);
    rmSync(old, { recursive: true, force: true });
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw error;
  }
}

/** The files in a folder, as paths below it, sorted; none when there is no such folder. */
export function listFiles(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
}
