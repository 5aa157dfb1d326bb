import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../service/images/run-command.js';

/** The two images that everything else stands on, in buildah's store. */
export interface LocalBase {
  readonly base: string;
  readonly nodeImage: string;
}

const SUITE = 'bookworm';
const cache = fileURLToPath(new URL('../../.cache/', import.meta.url));
/** What node is and where npm lies beside it, on this machine. */
const npmFolder = join(dirname(process.execPath), '../lib/node_modules/npm');

/**
 * Makes base images without a registry: Debian's minimal system by debootstrap, and on top of it this machine's Node and
 * npm, laid out as in the official image. Kept under `.cache/` by content, so that a second run takes a second.
 *
 * @throws Error naming the program that is missing and how it is installed, or what a step said
 */
export async function makeLocalBase(): Promise<LocalBase> {
  await assertInstalled();
  const sources = await readSources();
  const baseKey = key(SUITE, ...sources.map(({ text }) => text));
  const base = `localhost/base-${SUITE}:${baseKey}`;
  const nodeImage = `localhost/node-${SUITE}:${key(baseKey, process.version, await readFile(join(npmFolder, 'package.json'), 'utf8'))}`;

  await ensureImage(base, async (root) => {
    const mirror = /^(?:URIs:|deb)\s+(?:\[[^\]]*\]\s+)?(\S+)/m.exec(sources.map(({ text }) => text).join('\n'))?.[1];
    if (mirror === undefined) throw new Error('no Debian mirror found in /etc/apt');
    await run('debootstrap', '--variant=minbase', SUITE, root, mirror);
    await rm(join(root, 'etc/apt/sources.list'), { force: true });
    for (const { file, text } of sources) await writeFile(join(root, file), text);
    await rm(join(root, 'var/cache/apt/archives'), { recursive: true });
    await mkdir(join(root, 'var/cache/apt/archives/partial'), { recursive: true });
  });
  await ensureImage(
    nodeImage,
    async (root) => {
      await mkdir(join(root, 'usr/local/bin'), { recursive: true });
      await cp(process.execPath, join(root, 'usr/local/bin/node'));
      await cp(npmFolder, join(root, 'usr/local/lib/node_modules/npm'), { recursive: true });
      await run('ln', '-s', '../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'));
      await run('ln', '-s', '../lib/node_modules/npm/bin/npx-cli.js', join(root, 'usr/local/bin/npx'));
    },
    base,
  );
  return { base, nodeImage };
}

/** Puts the image into buildah's store: it is there, or in the cache, or made now by filling a root file system. */
async function ensureImage(reference: string, fill: (root: string) => Promise<void>, from = 'scratch'): Promise<void> {
  if ((await runCommand({ argv: ['buildah', 'inspect', '--type', 'image', reference] }, false)).ok) return;
  const archive = join(cache, 'base', `${reference.replace(/.*\//, '').replace(':', '-')}.tar`);
  await mkdir(dirname(archive), { recursive: true });
  if (!existsSync(archive)) {
    const container = (await run('buildah', 'from', from)).trim();
    const folder = await mkdtemp(join(tmpdir(), 'berth-base-'));
    try {
      await fill(folder);
      // debootstrap's own device files stay behind: a builder brings its own /dev.
      for (const name of ['dev', 'proc', 'sys', 'run']) await rm(join(folder, name), { recursive: true, force: true });
      for (const name of from === 'scratch' ? ['dev', 'proc', 'sys', 'run'] : []) await mkdir(join(folder, name));
      await run('buildah', 'add', container, folder, '/');
      await run('buildah', 'commit', container, reference);
      await run('buildah', 'push', reference, `oci-archive:${archive}.new:${reference}`);
      await rename(`${archive}.new`, archive);
    } finally {
      await run('buildah', 'rm', container);
      await rm(folder, { recursive: true, force: true });
    }
  } else {
    await run('buildah', 'pull', `oci-archive:${archive}`);
  }
}

async function assertInstalled(): Promise<void> {
  const missing: string[] = [];
  for (const program of ['buildah', 'debootstrap']) {
    const { failure } = await runCommand({ argv: [program, '--version'] }, false);
    if (failure.endsWith('is not installed')) missing.push(program);
  }
  if (missing.length > 0) {
    throw new Error(`apt-get install -y --no-install-recommends ${missing.join(' ')}: these are not installed`);
  }
  if (process.getuid?.() !== 0) throw new Error('debootstrap and chroot want root');
}

/** This machine's package sources, so that apt in a build asks the same mirror. */
async function readSources(): Promise<{ readonly file: string; readonly text: string }[]> {
  const files = ['etc/apt/sources.list', 'etc/apt/sources.list.d/debian.sources'].filter((file) =>
    existsSync(`/${file}`),
  );
  return Promise.all(files.map(async (file) => ({ file, text: await readFile(`/${file}`, 'utf8') })));
}

async function run(...argv: [string, ...string[]]): Promise<string> {
  const { ok, output, failure } = await runCommand({ argv }, false);
  if (!ok) throw new Error(`${argv.join(' ')}: ${failure}`);
  return output;
}

function key(...texts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 12);
}
