import { join } from 'node:path';

/** One image that Berth builds. */
export interface Image {
  /** The last part of the reference, and the folder of its Dockerfile under `service/images`. */
  readonly name: string;
  /** What the build may copy from: the `repository`, or the `folder` of the Dockerfile. */
  readonly context: 'repository' | 'folder';
  /** The build arguments its Dockerfile declares; others are not given, because docker warns of each. */
  readonly arguments: readonly BuildArgument[];
}

/** A build argument of the Dockerfiles, declared with its default there. */
export type BuildArgument = 'BASE' | 'NODE_IMAGE' | 'CLAUDE_CODE_VERSION';

/** All images of the k3s terminal cluster. The manifests name the same ones. */
export const IMAGES: readonly Image[] = [
  { name: 'web-terminal-service', context: 'repository', arguments: ['BASE', 'NODE_IMAGE'] },
  { name: 'claudecode-sandbox', context: 'repository', arguments: ['BASE', 'NODE_IMAGE', 'CLAUDE_CODE_VERSION'] },
  { name: 'papers-frontend', context: 'folder', arguments: ['NODE_IMAGE'] },
  { name: 'papers-backend', context: 'folder', arguments: ['NODE_IMAGE'] },
  { name: 'papers-blockchain', context: 'folder', arguments: ['NODE_IMAGE'] },
];

/** Where images come from and go to; the same for all images of one run. */
export interface ImagePlaces {
  /** Absolute path of the checkout. */
  readonly repository: string;
  /** Absolute path of the folder that holds the archives. */
  readonly archives: string;
  /** What stands before the name: a registry with an optional path, or `localhost`, which no kubelet can pull from. */
  readonly registry: string;
  /** The tag, package.json's version. */
  readonly version: string;
}

/** The full reference. podman completes short names with `localhost/`, docker with `docker.io/`: so none is short. */
export function imageReference(image: Image, { registry, version }: ImagePlaces): string {
  return `${registry}/${image.name}:${version}`;
}

/** The archive that carries the image from the builder to the nodes. */
export function imageArchive(image: Image, { archives, version }: ImagePlaces): string {
  return join(archives, `${image.name}-${version}.tar`);
}
