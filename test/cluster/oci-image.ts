import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BINARIES, CACHE, cached, contentKey, fileHash } from './cache.js';
import { run } from './command.js';

/** One file of an image: a copy of a file of this machine, or a symbolic link. */
export type ImageFile =
  | { readonly to: string; readonly from: string; readonly mode: number }
  | { readonly to: string; readonly link: string };

/** An image of one layer. */
export interface ImageSpec {
  /** Full reference with registry and tag, e.g. `localhost/pause:3.10.1`. */
  readonly reference: string;
  readonly files: readonly ImageFile[];
  readonly entrypoint: readonly string[];
}

/** An image as a file: an OCI layout in a tar archive, as `ctr images import` and `buildah` take it. */
export interface ImageArchive {
  readonly reference: string;
  readonly file: string;
}

const MEDIA = 'application/vnd.oci.image';
const ARCHITECTURES: Readonly<Partial<Record<string, string>>> = { x64: 'amd64' };

/** What is in a file. A binary of ours has the key of its sources in its path, and need not be read to know it. */
async function identity(file: string): Promise<string> {
  return file.startsWith(`${BINARIES}/`) ? file.slice(BINARIES.length) : fileHash(file);
}

async function specKey({ reference, files, entrypoint }: ImageSpec): Promise<string> {
  const content = files.map(async (file) =>
    'from' in file ? { to: file.to, mode: file.mode, content: await identity(file.from) } : file,
  );
  return contentKey([JSON.stringify({ reference, entrypoint, files: await Promise.all(content) })]);
}

async function layFiles(root: string, files: readonly ImageFile[]): Promise<void> {
  // /tmp, because most programs assume one; 1777, because few images run as root.
  await mkdir(join(root, 'tmp'), { recursive: true });
  await chmod(join(root, 'tmp'), 0o1777);
  for (const file of files) {
    const target = join(root, file.to);
    await mkdir(dirname(target), { recursive: true });
    if ('link' in file) await symlink(file.link, target);
    else {
      await copyFile(file.from, target);
      await chmod(target, file.mode);
    }
  }
}

/** Puts `content` among the blobs under its digest. */
async function putBlob(blobs: string, content: object): Promise<{ digest: string; size: number }> {
  const bytes = Buffer.from(JSON.stringify(content));
  const digest = createHash('sha256').update(bytes).digest('hex');
  await writeFile(join(blobs, digest), bytes);
  return { digest: `sha256:${digest}`, size: bytes.length };
}

/** Makes the image, or finds it made: the archive's name holds the hash of all that is in it. */
export async function imageArchive(spec: ImageSpec): Promise<ImageArchive> {
  const name = spec.reference.replaceAll(/[^a-zA-Z0-9.-]+/g, '_');
  const file = await cached(join(CACHE, 'images', `${name}-${await specKey(spec)}.tar`), async (unfinished) => {
    const work = `${unfinished}.work`;
    const blobs = join(work, 'oci/blobs/sha256');
    try {
      await mkdir(blobs, { recursive: true });
      await layFiles(join(work, 'root'), spec.files);
      const layer = join(work, 'layer.tar');
      const same = ['--numeric-owner', '--owner=0', '--group=0', '--sort=name', '--mtime=@0', '--format=gnu'];
      await run('tar', ['-C', join(work, 'root'), ...same, '-cf', layer, '.']);
      const hash = createHash('sha256');
      await pipeline(createReadStream(layer), hash);
      const digest = hash.digest('hex');
      const { size } = await stat(layer);
      await rename(layer, join(blobs, digest));

      const platform = { architecture: ARCHITECTURES[process.arch] ?? process.arch, os: 'linux' };
      const config = await putBlob(blobs, {
        ...platform,
        config: {
          Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
          Entrypoint: spec.entrypoint,
        },
        rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
      });
      const manifest = await putBlob(blobs, {
        schemaVersion: 2,
        mediaType: `${MEDIA}.manifest.v1+json`,
        config: { mediaType: `${MEDIA}.config.v1+json`, ...config },
        layers: [{ mediaType: `${MEDIA}.layer.v1.tar`, digest: `sha256:${digest}`, size }],
      });
      const annotations = { 'io.containerd.image.name': spec.reference };
      const index = [{ mediaType: `${MEDIA}.manifest.v1+json`, ...manifest, platform, annotations }];
      const oci = join(work, 'oci');
      await writeFile(join(oci, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
      await writeFile(join(oci, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: index }));
      await run('tar', ['-C', oci, '-cf', unfinished, 'oci-layout', 'index.json', 'blobs']);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
  return { reference: spec.reference, file };
}
