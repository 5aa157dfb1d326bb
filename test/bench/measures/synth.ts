import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Measure } from '../bench.js';
import { atMost } from '../finding.js';
import { median } from '../statistics.js';

const root = join(import.meta.dirname, '../../..');
const run = promisify(execFile);

/** Rendering all manifests without a type-check, as a whole process, beside the cdk8s CLI on the same program. */
export const SYNTH: Measure = {
  name: 'synth',
  about: 'rendering the manifests without a type-check',
  only: 'pocket',
  async run({ sizes, say }) {
    const directory = await mkdtemp(join(tmpdir(), 'bench-synth-'));
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 1; round <= sizes.rounds; round += 1) {
      say(`synth: round ${round} of ${sizes.rounds}`);
      ours.push(
        await seconds(process.execPath, ['--no-warnings', '--loader', 'ts-node/esm', 'charts/main.ts'], {
          CDK8S_OUTDIR: join(directory, 'ours'),
        }),
      );
      theirs.push(await seconds('npx', ['cdk8s', 'synth', '--output', join(directory, 'theirs')], {}));
    }
    await rm(directory, { recursive: true });
    const value = median(ours);
    return [
      {
        title: 'synth without type-check',
        unit: 's',
        cells: [
          { contender: 'Berth', value },
          { contender: 'npx cdk8s synth', value: median(theirs) },
        ],
        goal: atMost(1, '≤ 1 s', value),
        note: 'the command of `npm run synth`, from its start to its end, and the cdk8s CLI, which runs the same program through npm.',
      },
    ];
  },
};

async function seconds(file: string, words: string[], environment: Readonly<Record<string, string>>): Promise<number> {
  const start = performance.now();
  await run(file, words, { cwd: root, env: { ...process.env, ...environment } });
  return (performance.now() - start) / 1000;
}
