import { join } from 'node:path';
import { buildCommand, saveCommand, type Builder } from './builder.js';
import type { Command } from './command.js';
import { imageArchive, imageReference, type Image, type ImagePlaces } from './image.js';
import { importCommand, listCommand, pinCommand, type NodeTarget } from './node-target.js';
import type { Options } from './options.js';
import type { Step } from './step.js';

/** What the builds of one run share. */
export type BuildOptions = Pick<Options, 'buildArguments' | 'caCertificates' | 'platform'>;

/** Builds each image into the builder's store. */
export function planBuild(
  images: readonly Image[],
  places: ImagePlaces,
  builder: Builder,
  options: BuildOptions,
): Step[] {
  return images.map((image) => ({
    title: `${image.name}: build`,
    commands: [build(image, places, builder, options)],
  }));
}

/** Writes each archive from what the builder has: beside the old one first, which no builder writes over. */
export function planSave(images: readonly Image[], places: ImagePlaces, builder: Builder): Step[] {
  return images.map((image) => {
    const archive = imageArchive(image, places);
    return {
      title: `${image.name}: save`,
      commands: [
        { argv: ['mkdir', '-p', places.archives] },
        { argv: ['rm', '-f', `${archive}.new`] },
        saveCommand(builder, imageReference(image, places), `${archive}.new`),
        { argv: ['mv', `${archive}.new`, archive] },
      ],
    };
  });
}

/** Builds each image and writes its archive; what could not be built is not written. */
export function planBuildAndSave(
  images: readonly Image[],
  places: ImagePlaces,
  builder: Builder,
  options: BuildOptions,
): Step[] {
  return images.flatMap((image) =>
    planBuild([image], places, builder, options).map(({ title, commands }) => ({
      title,
      commands: [...commands, ...planSave([image], places, builder).flatMap((step) => step.commands)],
    })),
  );
}

/** Pushes each image to the registry in its reference. */
export function planPush(images: readonly Image[], places: ImagePlaces, builder: Builder): Step[] {
  return images.map((image) => ({
    title: `${image.name}: push`,
    commands: [{ argv: [builder, 'push', imageReference(image, places)] }],
  }));
}

/** Loads each archive into each node and pins it there. */
export function planImport(images: readonly Image[], places: ImagePlaces, nodes: readonly NodeTarget[]): Step[] {
  return nodes.flatMap((node) =>
    images.map((image) => ({
      title: `${image.name}: import into ${node.name}`,
      commands: [importCommand(node, imageArchive(image, places)), pinCommand(node, imageReference(image, places))],
    })),
  );
}

/** Lists what each node has; what that means is read by `checkNodes`. */
export function planCheck(nodes: readonly NodeTarget[]): Step[] {
  return nodes.map((node) => ({ title: `list the images of ${node.name}`, commands: [listCommand(node)] }));
}

function build(image: Image, places: ImagePlaces, builder: Builder, options: BuildOptions): Command {
  const folder = join(places.repository, 'service/images', image.name);
  const declared = Object.entries(options.buildArguments).filter(([name]) =>
    image.arguments.some((argument) => argument === name),
  );
  return buildCommand(builder, {
    reference: imageReference(image, places),
    dockerfile: join(folder, 'Dockerfile'),
    context: image.context === 'repository' ? places.repository : folder,
    buildArguments: Object.fromEntries(declared),
    caCertificates: options.caCertificates,
    platform: options.platform,
  });
}
