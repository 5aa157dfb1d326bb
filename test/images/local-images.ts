import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildImages, type BuiltImage } from '../../service/images/build-images.js';
import { IMAGES, type Image, type ImagePlaces } from '../../service/images/image.js';
import { makeLocalBase } from './local-base.js';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { readonly version: string };

/** Where the images of this checkout go. */
export const LOCAL_PLACES: ImagePlaces = {
  repository,
  archives: join(repository, '.cache/images'),
  registry: 'localhost',
  version,
};

/**
 * Builds Berth's images by the repository's Dockerfiles with buildah, without any registry: on a base that debootstrap
 * makes. buildah's layer cache makes a second run quick. Wants root; `NODE_EXTRA_CA_CERTS` is honoured inside the builds.
 *
 * @param images @default all of them
 * @throws Error naming what is missing and how it is installed, or every image that failed
 */
export async function buildLocalImages(images: readonly Image[] = IMAGES): Promise<BuiltImage[]> {
  const { base, nodeImage } = await makeLocalBase();
  // Without a container runtime, a RUN is a chroot.
  process.env['BUILDAH_ISOLATION'] = 'chroot';
  return buildImages({
    places: LOCAL_PLACES,
    images,
    builder: 'buildah',
    buildArguments: { BASE: base, NODE_IMAGE: nodeImage },
    caCertificates: process.env['NODE_EXTRA_CA_CERTS'],
    platform: undefined,
  });
}
