import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DELIVERIES } from './clusters.js';
import { INVENTORIES } from './inventories.js';
import { inventoryWarnings } from './nodes/inventory-checks.js';
import { writeOutput } from './render/output.js';
import { synth } from './render/synth.js';
import { SynthError } from './render/synth-error.js';

/** Renders every cluster into CDK8S_OUTDIR, which the cdk8s CLI sets, or into cdk8s.out. */
function main(): void {
  const output = process.env['CDK8S_OUTDIR'] ?? fileURLToPath(new URL('../cdk8s.out', import.meta.url));
  try {
    writeOutput(resolve(output), synth(DELIVERIES, INVENTORIES));
    for (const inventory of INVENTORIES)
      for (const warning of inventoryWarnings(inventory))
        process.stdout.write(`nodes/${inventory.name}: warning: ${warning}\n`);
  } catch (error) {
    if (!(error instanceof SynthError)) throw error;
    process.stderr.write(`Nothing is rendered:\n${error.complaints.map((line) => `  ${line}\n`).join('')}`);
    process.exitCode = 1;
  }
}

main();
