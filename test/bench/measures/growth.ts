import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdk8s';
import type { Delivery } from '../../../charts/clusters/delivery.js';
import { miniPcDelivery } from '../../../charts/clusters/minipc/delivery.js';
import { ENVIRONMENTS, MINIPC } from '../../../charts/clusters/minipc/minipc.js';
import { synth } from '../../../charts/render/synth.js';
import type { Measure } from '../bench.js';
import { atMost } from '../finding.js';
import { median } from '../statistics.js';

const FEW = 125;
const MANY = 500;
const RATIO = MANY / FEW;

/** How the time of a synth grows with the charts, every rule checked, beside cdk8s' own writing of the same charts. */
export const GROWTH: Measure = {
  name: 'growth',
  about: `a synth of ${MANY} charts, and of ${FEW}`,
  only: 'pocket',
  async run({ sizes, say }) {
    const folder = await mkdtemp(join(tmpdir(), 'bench-growth-'));
    const [few, many] = [charts(FEW), charts(MANY)];
    const theirs = (delivery: Delivery): number => {
      const app = new App({ outdir: folder });
      delivery.charts(app);
      return processorTime(() => app.synth());
    };
    const ours = (delivery: Delivery): number => processorTime(() => synth([delivery]));
    ours(few); // what is compiled at the first call is compiled now
    const times = { ours: [[], []], theirs: [[], []] } as Record<'ours' | 'theirs', [number[], number[]]>;
    for (let round = 1; round <= sizes.rounds; round += 1) {
      say(`growth: round ${round} of ${sizes.rounds}`);
      for (const [index, delivery] of [few, many].entries()) {
        times.ours[index]?.push(ours(delivery));
        times.theirs[index]?.push(theirs(delivery));
      }
    }
    await rm(folder, { recursive: true });
    const cell = (contender: string, [small, large]: readonly [readonly number[], readonly number[]]) => {
      const [one, other] = [median(small), median(large)];
      return { contender, value: other, growth: other / one, remark: `×${(other / one).toFixed(1)} of ${FEW} charts` };
    };
    const berth = cell('Berth', times.ours);
    return [
      {
        title: `synth of ${MANY} charts`,
        unit: 's',
        cells: [berth, cell('cdk8s app.synth()', times.theirs)],
        goal: atMost(1.5 * RATIO, `linear: ≤ ×${1.5 * RATIO}`, berth.growth),
        note: `seconds of CPU in a process that is warm, for ${MANY} charts of twelve objects; ours with every rule checked, cdk8s' only writing the files of charts that are made already.`,
      },
    ];
  },
};

/** An environment of the mini PC, so many times, on a node that has room for all. */
function charts(count: number): Delivery {
  const [environment] = ENVIRONMENTS.filter(({ name }) => name === 'staging');
  const [node] = MINIPC.nodes;
  if (environment === undefined || node === undefined) throw new Error('the mini PC has no staging, or no node');
  const large = { ...node, cpu: '100000', memory: '100000Gi', maxPods: 1_000_000 };
  // Names are data of a closed list elsewhere; here only their number counts.
  const environments = Array.from({ length: count }, (_, index) => ({
    ...environment,
    name: `e${index}` as 'staging',
  }));
  return miniPcDelivery({ cluster: { ...MINIPC, nodes: [large] }, environments });
}

/** Seconds of processor time, which other work on this machine changes less than the time on the clock. */
function processorTime(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
