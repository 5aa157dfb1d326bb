import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { identifyCommand, type Builder } from './builder.js';
import { findBuilder } from './find-builder.js';
import { IMAGES, imageArchive, imageReference, type Image, type ImagePlaces } from './image.js';
import { planBuild, planSave, type BuildOptions } from './plan.js';
import { runCommand } from './run-command.js';
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
 * Builds the images and writes an archive of each, unless the one that is there holds the same; the builder's output is
 * shown.
 *
 * @throws Error with every problem, a line each: of each image, or of each builder that was tried
 */
export async function buildImages(props: BuildImagesProps): Promise<BuiltImage[]> {
  const { places, builder, images = IMAGES } = props;
  const found = await findBuilder(builder);
  if (typeof found !== 'string') throw new Error(found.join('\n'));
  assertNone(await runSteps(planBuild(images, places, found, props)));
  return Promise.all(images.map((image) => save(image, places, found)));
}

async function save(image: Image, places: ImagePlaces, builder: Builder): Promise<BuiltImage> {
  const reference = imageReference(image, places);
  const archive = imageArchive(image, places);
  const { output: identity } = await runCommand(identifyCommand(builder, reference), false);
  const saved = existsSync(archive) ? await readFile(`${archive}.id`, 'utf8').catch(() => '') : '';
  if (identity === '' || identity !== saved) {
    assertNone(await runSteps(planSave([image], places, builder)));
    await writeFile(`${archive}.id`, identity);
  }
  return { reference, archive, bytes: (await stat(archive)).size };
}

function assertNone(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(problems.join('\n'));
}
