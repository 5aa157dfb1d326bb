import { readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { exists } from './cache.js';
import { CommandFailed, run } from './command.js';
import type { ImageFile } from './oci-image.js';

const SEARCH = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/sbin', '/usr/local/bin'];

/** Where a program of this machine is; undefined when it has none of that name. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of [...SEARCH, ...(process.env['PATH'] ?? '').split(':')]) {
    if (folder !== '' && (await exists(join(folder, name)))) return join(folder, name);
  }
  return undefined;
}

/** The shared libraries, and the loader, that a dynamic program or plugin of this machine needs. */
async function librariesOf(file: string): Promise<readonly string[]> {
  const listed = await run('ldd', [file]).catch((error: unknown) => {
    if (error instanceof CommandFailed && error.output.includes('not a dynamic executable')) return '';
    throw error;
  });
  return [...listed.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path = '']) => path);
}

/**
 * Programs of this machine with all the libraries they need, as files of an image: an image with `nft` is then made in a
 * second, without a package manager. A program is found under its name in /usr/sbin; names of one multi-call program
 * become links to one copy.
 */
export async function hostPrograms(
  names: readonly string[],
  plugins: readonly string[] = [],
): Promise<readonly ImageFile[]> {
  const files = new Map<string, ImageFile>();
  const libraries = new Set<string>();
  const copy = (from: string, to: string): void => void files.set(to, { from, to, mode: 0o755 });
  for (const name of names) {
    const path = await findProgram(name);
    if (path === undefined) throw new Error(`${name}: no such program on this machine`);
    const real = await realpath(path);
    const target = `/usr/sbin/${basename(real)}`;
    copy(real, target);
    if (target !== `/usr/sbin/${name}`)
      files.set(`/usr/sbin/${name}`, { link: basename(real), to: `/usr/sbin/${name}` });
    for (const library of await librariesOf(real)) libraries.add(library);
  }
  for (const plugin of plugins) {
    copy(plugin, plugin);
    for (const library of await librariesOf(plugin)) libraries.add(library);
  }
  for (const library of libraries) copy(await realpath(library), library);
  return [...files.values()];
}

/** The plugins of iptables (matches and targets), which it opens by name at run time. */
export async function iptablesPlugins(): Promise<readonly string[]> {
  const iptables = await findProgram('iptables');
  if (iptables === undefined) throw new Error('iptables: no such program on this machine');
  const library = (await librariesOf(await realpath(iptables))).find((path) => path.includes('libxtables'));
  const text = library === undefined ? '' : await readFile(library, 'latin1');
  // The library knows where its plugins are; the folder differs between architectures.
  const folder = /\/[\w./-]*\/xtables(?=\0)/.exec(text)?.[0] ?? join(dirname(library ?? '/usr/lib/x'), 'xtables');
  const listed = await run('find', [folder, '-name', '*.so']);
  return listed.trim().split('\n');
}
