import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { ClusterAccess } from '../../../service/bridge/kubernetes/cluster-access.js';
import type { Measure } from '../bench.js';
import { atMost } from '../finding.js';
import { median } from '../statistics.js';

const POLL = 10;
/** How every shell's first prompt ends: `$ `, or `# ` for root. */
const FIRST_PROMPT = /[$#] /;

interface Answer {
  readonly template?: { readonly spec: unknown };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** From POST to the first prompt, against the same Pod made by hand until it is Ready. */
export const START: Measure = {
  name: 'start',
  about: 'cold start: POST to the first prompt, against bare Pod Ready',
  async run({ sizes, kind, field, say }) {
    const { berth, cluster } = await field();
    const access = await ClusterAccess.load({ kubeconfig: cluster.kubeconfig });
    const api = `/api/v1/namespaces/${cluster.namespace}`;
    const { template } = await call(access, 'GET', `${api}/podtemplates/small`);
    const ours: number[] = [];
    const bare: number[] = [];
    for (let round = 1; round <= sizes.rounds; round += 1) {
      say(`start: round ${round} of ${sizes.rounds}`);
      const start = performance.now();
      let prompted: () => void = () => undefined;
      const prompt = new Promise<void>((resolve) => (prompted = resolve));
      let screen = '';
      const terminal = await berth.open((bytes) => {
        screen += Buffer.from(bytes).toString('latin1');
        if (FIRST_PROMPT.test(screen)) prompted();
      });
      await prompt;
      ours.push(performance.now() - start);
      await terminal.close();
      bare.push(await podReady(access, `${api}/pods`, `bench-bare-${process.pid}-${round}`, template?.spec));
    }
    access.close();
    const cells = [
      { contender: berth.name, value: median(ours) },
      { contender: 'bare Pod Ready', value: median(bare) },
    ];
    const title = 'cold start: POST → first prompt';
    if (kind === 'pocket') {
      const note = 'a Pod of the pocket cluster is Ready when its process is spawned, before any program has started.';
      return [{ title, unit: 'ms', cells, note }];
    }
    return [{ title, unit: 'ms', cells, goal: atMost(1.2 * median(bare), '≤ 1.2 × bare Pod Ready', median(ours)) }];
  },
};

async function podReady(access: ClusterAccess, pods: string, name: string, spec: unknown): Promise<number> {
  const start = performance.now();
  await call(access, 'POST', pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec });
  for (;;) {
    const { status } = await call(access, 'GET', `${pods}/${name}`);
    if (status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True')) break;
    await delay(POLL);
  }
  const end = performance.now();
  await call(access, 'DELETE', `${pods}/${name}?gracePeriodSeconds=1`);
  return end - start;
}

async function call(access: ClusterAccess, method: string, path: string, body?: unknown): Promise<Answer> {
  const options = await access.options();
  const answer = await new Promise<string>((resolve, reject) => {
    const asked = request(
      new URL(path, access.server),
      {
        ...options,
        method,
        headers: { ...(options.headers as Record<string, string>), 'content-type': 'application/json' },
      },
      (response) => {
        text(response).then((json) => {
          if ((response.statusCode ?? 500) < 300) resolve(json);
          else reject(new Error(`${method} ${path}: ${response.statusCode ?? ''} ${json}`));
        }, reject);
      },
    );
    asked.on('error', reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
  return JSON.parse(answer) as Answer;
}
