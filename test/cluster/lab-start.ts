import { mkdir } from 'node:fs/promises';
import { binariesBuilt, VERSIONS } from './go-module.js';
import { labBinaries, labImages } from './lab-images.js';
import type { LabChoice } from './lab-plan.js';
import { labPlan, nodesOf } from './lab-plan.js';
import type { Progress } from './lab.js';
import { Lab, labFolder, remainsOf } from './lab.js';
import { openLab, writeRecord } from './lab-record.js';
import { installPackages, machineProblems, missingPackages } from './machine.js';

/** Why a lab was not begun: nothing was changed. */
export class NotStarted extends Error {
  override readonly name = 'NotStarted';

  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** How to start. */
export interface StartProps {
  readonly choice: LabChoice & { readonly name: string };
  /** Install what apt has and the machine lacks. */
  readonly install: boolean;
  readonly progress: Progress;
}

/** A lab that runs, as asked for, already or from now on. Throws `NotStarted` with every reason at once. */
export async function startLab({ choice, install, progress }: StartProps): Promise<Lab> {
  const { name } = choice;
  const wanted = labPlan(choice);
  const earlier = await openLab(name);
  if (earlier !== undefined && (await earlier.healthy())) {
    const { length } = earlier.nodes;
    if (length >= nodesOf(wanted).length) return earlier;
    const bigger = `it has ${length} node${length > 1 ? 's' : ''}: \`npm run cluster -- join\` adds one`;
    throw new NotStarted([`a lab named ${name} runs already, but ${bigger}, \`npm run cluster -- stop\` ends it`]);
  }
  const remains = await remainsOf(name).catch(() => []);
  if (remains.length > 0) {
    const option = name === 'lab' ? '' : ` --name ${name}`;
    throw new NotStarted([
      `an earlier lab is half there (${remains.join('; ')}): \`npm run cluster -- stop${option}\` takes it away`,
    ]);
  }
  if (install && process.getuid?.() === 0) {
    const missing = await missingPackages(wanted);
    if (missing.length > 0) progress(`apt-get install ${missing.join(' ')}`);
    if (missing.length > 0) await installPackages(missing, () => undefined);
  }
  const problems = await machineProblems(wanted, await binariesBuilt());
  if (problems.length > 0) throw new NotStarted(problems);

  progress(`Kubernetes ${VERSIONS.kubernetes}: binaries`);
  const binaries = await labBinaries(({ folder, firstBuild }) =>
    progress(`building ${folder} from its Go module: once, about ${firstBuild}`),
  );
  progress('images');
  const parts = { binaries, images: await labImages(binaries, wanted.inventory) };
  await mkdir(labFolder(name), { recursive: true });
  await writeRecord({ choice, parts });
  const lab = new Lab(wanted, parts);
  await lab.start(progress);
  return lab;
}
