import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DELIVERIES } from './clusters.js';
import { render } from './render/render.js';
import { writeOutput } from './render/output.js';

const output = process.env['CDK8S_OUTDIR'] ?? fileURLToPath(new URL('../cdk8s.out', import.meta.url));
writeOutput(resolve(output), DELIVERIES.flatMap(render));
