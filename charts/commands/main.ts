import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DELIVERIES } from '../clusters.js';
import { ECO2_DEV } from '../clusters/eco2/dev.js';
import { ECO2_PROD } from '../clusters/eco2/prod.js';
import { changeLines, diffAgainstCommit } from './rendering-diff.js';
import { review } from './review.js';
import { pictures, reviewed } from './written.js';

const USAGE = `npm run review [-- --write] [--json]            how Eco² dev and prod differ, and what fits where
npm run diff   [-- REVISION] [--json]           what synth would change of the rendering of REVISION (default HEAD)
npm run diff   -- --live FOLDER [--context C]   what applying a folder would change in a cluster, e.g. eco2-dev
npm run status [-- domain NAME] [--context C]   a cluster, or one domain of it (default chat)
npm run graph                                   writes the pictures of the README
npm run proof                                   what schemas, promtool, haproxy and kube-score say of the rendering`;

/** Files that these commands write and the tests compare. */
const WRITTEN = {
  review: fileURLToPath(new URL('../clusters/eco2/review.txt', import.meta.url)),
  pictures: fileURLToPath(new URL('../../.github/images/', import.meta.url)),
} as const;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      write: { type: 'boolean' },
      live: { type: 'string' },
      context: { type: 'string' },
    },
  });
  const [command, ...rest] = positionals;
  const say = (data: unknown, lines: readonly string[]) =>
    process.stdout.write(
      values.json ? `${JSON.stringify(data, null, 2)}\n` : lines.map((line) => `${line}\n`).join(''),
    );
  if (command === 'review') {
    const found = review(ECO2_DEV, ECO2_PROD);
    const lines = reviewed();
    if (values.write) writeFileSync(WRITTEN.review, lines.map((line) => `${line}\n`).join(''));
    say(found, lines);
  } else if (command === 'diff') {
    const changes =
      values.live === undefined ? diffAgainstCommit(rest[0] ?? 'HEAD') : await live(values.live, values.context);
    say(changes, changes.length === 0 ? ['no difference'] : changeLines(changes));
  } else if (command === 'status') {
    // The Kubernetes client takes longer to load than everything else: only for those who need it.
    const { kubeConfig } = await import('./live-diff.js');
    const config = kubeConfig(values.context);
    if (rest[0] === 'domain') {
      const { domainStatus, domainLines } = await import('./domain-status.js');
      const status = await domainStatus(config, rest[1] ?? 'chat');
      say(status, domainLines(status));
    } else {
      const { clusterStatus, statusLines } = await import('./cluster-status.js');
      const status = await clusterStatus(config, ECO2_DEV.partOf);
      say(status, statusLines(status));
    }
  } else if (command === 'graph') {
    mkdirSync(WRITTEN.pictures, { recursive: true });
    for (const [name, picture] of Object.entries(pictures())) writeFileSync(`${WRITTEN.pictures}${name}`, picture);
    say(
      Object.keys(pictures()),
      Object.keys(pictures()).map((name) => `.github/images/${name}`),
    );
  } else if (command === 'proof') {
    const { proofs, proofLines } = await import('./proof.js');
    const all = proofs();
    say(all, proofLines(all));
    if (all.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1;
  } else {
    process.stdout.write(`${USAGE}\n`);
    process.exitCode = command === undefined ? 0 : 2;
  }
}

async function live(folder: string, context: string | undefined) {
  const delivery = DELIVERIES.find((one) => one.folder === folder);
  if (!delivery) throw new Error(`--live "${folder}": want one of ${DELIVERIES.map((one) => one.folder).join(', ')}`);
  const { diffAgainstCluster, kubeConfig } = await import('./live-diff.js');
  return diffAgainstCluster(delivery, kubeConfig(context));
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
