import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Measure } from '../bench.js';
import { atMost, type Cell } from '../finding.js';
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
    const ours: Run[] = [];
    const theirs: Run[] = [];
    for (let round = 1; round <= sizes.rounds; round += 1) {
      say(`synth: round ${round} of ${sizes.rounds}`);
      const environment = { CDK8S_OUTDIR: join(directory, 'ours') };
      ours.push(await timed('node --no-warnings --loader ts-node/esm charts/main.ts', environment));
      theirs.push(await timed(`npx cdk8s synth --output ${join(directory, 'theirs')}`, {}));
    }
    await rm(directory, { recursive: true });
    const cell = (contender: string, runs: readonly Run[]): Cell => ({
      contender,
      value: median(runs.map(({ real }) => real)),
      remark: `${median(runs.map(({ processor }) => processor)).toFixed(2)} s of CPU`,
    });
    const berth = cell('Berth', ours);
    return [
      {
        title: 'synth without type-check',
        unit: 's',
        cells: [berth, cell('npx cdk8s synth', theirs)],
        goal: atMost(1, '≤ 1 s', berth.value),
        note: 'the command of `npm run synth`, from its start to its end, and the cdk8s CLI, which runs the same program through npm.',
      },
    ];
  },
};

interface Run {
  readonly real: number;
  /** Seconds of processor time, which other work on this machine changes less. */
  readonly processor: number;
}

async function timed(command: string, environment: Readonly<Record<string, string>>): Promise<Run> {
  const { stdout } = await run('bash', ['-c', `{ time ${command} >/dev/null 2>&1; } 2>&1`], {
    cwd: root,
    env: { ...process.env, ...environment, TIMEFORMAT: '%R %U %S' },
  });
  const [real = NaN, user = NaN, system = NaN] = stdout.trim().split(' ').map(Number);
  return { real, processor: user + system };
}
