import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Builder } from './builder.js';
import { findBuilder } from './find-builder.js';
import { imageArchive, imageReference, type ImagePlaces } from './image.js';
import { checkNodes, findNodes } from './nodes.js';
import { readOptions, USAGE, type Options } from './options.js';
import { planBuildAndSave, planCheck, planImport, planPush, planSave } from './plan.js';
import { formatSteps, runSteps, type Step } from './step.js';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { readonly version: string };

const words = process.argv.slice(2);
const options = readOptions(words, existsSync);
if (words.length === 0 || Array.isArray(options)) {
  process.stderr.write(`${USAGE}\n`);
  fail(Array.isArray(options) && words.length > 0 ? options : []);
} else {
  await act(options);
}

async function act(options: Options): Promise<void> {
  const { actions, images, dryRun } = options;
  const places: ImagePlaces = {
    repository,
    archives: resolve(repository, options.archives),
    registry: options.registry,
    version,
  };
  const building: Step[] = [];
  const importing: Step[] = [];
  const problems: string[] = [];

  if (actions.some((action) => action === 'build' || action === 'save' || action === 'push')) {
    const builder: Builder | string[] =
      dryRun && options.builder !== undefined ? options.builder : await findBuilder(options.builder);
    if (typeof builder === 'string') {
      if (actions.includes('build')) building.push(...planBuildAndSave(images, places, builder, options));
      else if (actions.includes('save')) building.push(...planSave(images, places, builder));
      if (actions.includes('push')) building.push(...planPush(images, places, builder));
    } else problems.push(...builder);
  }
  const usesNodes = actions.includes('import') || actions.includes('check');
  const nodes = usesNodes ? await findNodes(options) : { targets: [], problems: [] };
  problems.push(...nodes.problems);
  if (actions.includes('import')) {
    if (!actions.includes('build') && !actions.includes('save') && !dryRun) {
      const missing = images.map((image) => imageArchive(image, places)).filter((archive) => !existsSync(archive));
      problems.push(...missing.map((archive) => `${archive} is missing; npm run images -- build writes it`));
    }
    importing.push(...planImport(images, places, nodes.targets));
  }
  if (dryRun) {
    const checking = actions.includes('check') ? planCheck(nodes.targets) : [];
    process.stdout.write(`${formatSteps([...building, ...importing, ...checking])}\n`);
    return fail(problems);
  }
  // Nothing is begun that is known to stay half done.
  if (problems.length > 0) return fail(problems);

  problems.push(...(await runSteps(building)));
  // An image that was not built would be imported as it was before.
  if (problems.length > 0) return fail(problems);
  problems.push(...(await runSteps(importing)));
  if (actions.includes('check')) {
    const references = images.map((image) => imageReference(image, places));
    const wrong = await checkNodes(references, nodes.targets);
    if (wrong.length === 0)
      process.stdout.write(`all ${images.length} images are pinned on ${options.nodes.join(', ')}\n`);
    problems.push(...wrong);
  }
  fail(problems);
}

function fail(problems: readonly string[]): void {
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
