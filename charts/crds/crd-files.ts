import { join } from 'node:path';
import { goModule } from './go-module.js';
import type { CrdSource } from './sources.js';

/** The files of a source, as its operator ships them: what an API server is given. Throws when its module cannot be had. */
export function crdFiles({ module, version, files }: CrdSource): readonly string[] {
  const folder = goModule(module, version);
  return files.map((file) => join(folder, file));
}
