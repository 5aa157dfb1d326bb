import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Writes the sandbox image as the pocket cluster knows images: a folder of executables that are put first on PATH.
 * `keeper` and `keeper-attach` run the built bundles with the Node that runs this.
 *
 * @param folder where the executables go; created if missing
 * @param keeper the folder of the built keeper, `dist/keeper`
 */
export async function writeSandboxImage(folder: string, keeper: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all([
    writeExecutable(join(folder, 'keeper'), join(keeper, 'keeper.js')),
    writeExecutable(join(folder, 'keeper-attach'), join(keeper, 'attach.js')),
  ]);
}

async function writeExecutable(file: string, script: string): Promise<void> {
  const quoted = [process.execPath, script].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  await writeFile(file, `#!/bin/sh\nexec ${quoted} "$@"\n`);
  await chmod(file, 0o755);
}
