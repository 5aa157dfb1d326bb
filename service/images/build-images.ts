import { stat } from 'node:fs/promises';
import type { Builder } from './builder.js';
import { findBuilder } from './find-builder.js';
import { IMAGES, imageArchive, imageReference, type Image, type ImagePlaces } from './image.js';
import { planBuild, type BuildOptions } from './plan.js';
import { runSteps } from './step.js';

/** What to build, where to and with what. */
export interface BuildImagesProps extends BuildOptions {
  readonly places: ImagePlaces;
  /** @default the first that works on this machine */
  readonly builder?: Builder | undefined;
  /** @default all of Berth's */
  readonly images?: readonly Image[];
}

/** One image as it can be carried to a node. */
export interface BuiltImage {
  readonly reference: string;
  /** Absolute path of the archive, which `ctr images import` takes. */
  readonly archive: string;
  readonly bytes: number;
}

/**
 * Builds the images and writes an archive of each; the builder's output is shown.
 *
 * @throws Error with every problem, a line each: of each image, or of each builder that was tried
 */
export async function buildImages(props: BuildImagesProps): Promise<BuiltImage[]> {
  const { places, builder, images = IMAGES } = props;
  const found = await findBuilder(builder);
  if (typeof found !== 'string') throw new Error(found.join('\n'));
  const problems = await runSteps(planBuild(images, places, found, props));
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return Promise.all(
    images.map(async (image) => {
      const archive = imageArchive(image, places);
      return { reference: imageReference(image, places), archive, bytes: (await stat(archive)).size };
    }),
  );
}
