import { access, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { buildService } from '../../service/build.js';
import type { Bench, Field, Measure } from './bench.js';
import { openClusterField } from './cluster-field.js';
import type { Finding } from './finding.js';
import { BULK } from './measures/bulk.js';
import { ECHO } from './measures/echo.js';
import { GROWTH } from './measures/growth.js';
import { INTERRUPT } from './measures/interrupt.js';
import { RECONNECT } from './measures/reconnect.js';
import { RELOAD } from './measures/reload.js';
import { SESSIONS } from './measures/sessions.js';
import { STALL } from './measures/stall.js';
import { START } from './measures/start.js';
import { SYNTH } from './measures/synth.js';
import { readOptions, type Options } from './options.js';
import { openPocketField, PEERS, type Peer } from './pocket-field.js';
import { FULL, QUICK } from './sizes.js';
import { renderTable } from './table.js';

const MEASURES: readonly Measure[] = [ECHO, BULK, INTERRUPT, STALL, RECONNECT, RELOAD, START, SESSIONS, SYNTH, GROWTH];
const dist = join(import.meta.dirname, '../../dist');

const usage = `npm run bench -- [options]   Berth beside its peers, on this machine
  --only A,B         measures: ${MEASURES.map(({ name }) => name).join(', ')}
  --contenders A,B   peers: ${PEERS.join(', ')}; default all that are here but kubectl
  --quick            small sizes, about a minute: shows that it works
  --json FILE        the figures
  --markdown         the table for a README
  --no-build         measure dist/ as it is
  --cluster --url URL --token TOKEN [--kubeconfig F] [--kubectl 'CMD …']
                     a deployment on a real cluster, beside kubectl exec -it

${MEASURES.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`).join('\n')}`;

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env, {
    measures: MEASURES.map(({ name }) => name),
    contenders: PEERS,
  });
  if (options === 'help') return console.log(usage);
  if (options.cluster === undefined) await prepare(options);
  const opened: Field[] = [];
  const bench = makeBench(options, opened);
  const wanted = MEASURES.filter(
    ({ name, only = bench.kind }) => only === bench.kind && (options.only?.includes(name) ?? true),
  );
  const findings: Finding[] = [];
  const failures: string[] = [];
  for (const measure of wanted) {
    try {
      findings.push(...(await measure.run(bench)));
    } catch (error) {
      failures.push(`${measure.name}: ${error instanceof Error ? error.message : String(error)}`);
      bench.say(failures.at(-1) ?? '');
    }
  }
  const absent = opened[0]?.absent ?? [];
  const remarks = [...new Set(opened.flatMap((field) => field.remarks)), machine(options)];
  for (const field of opened) await field.stop();
  console.log(renderTable({ findings, absent, remarks }, options.markdown ? 'markdown' : 'text'));
  if (options.json !== undefined) await writeFile(options.json, JSON.stringify({ findings, absent, remarks }, null, 2));
  for (const failure of failures) console.error(`not measured: ${failure}`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

async function prepare({ build }: Options): Promise<void> {
  if (build) await buildService(dist);
  else await access(join(dist, 'keeper/keeper.js'));
}

/** @param opened where fields are noted, so that they can be stopped */
function makeBench(options: Options, opened: Field[]): Bench {
  const { cluster } = options;
  const peers = (options.contenders ?? PEERS.filter((peer) => peer !== 'kubectl')) as readonly Peer[];
  let field: Promise<Field> | undefined;
  const open = async (): Promise<Field> => {
    say('starting the contenders');
    const made =
      cluster === undefined ? await openPocketField({ sandboxes: 'shell', peers }) : await openClusterField(cluster);
    opened.push(made);
    return made;
  };
  const once = (): Promise<Field> => (field ??= open());
  return {
    sizes: options.quick ? QUICK : FULL,
    kind: cluster === undefined ? 'pocket' : 'cluster',
    field: once,
    crowd: async () =>
      cluster === undefined
        ? openPocketField({ sandboxes: 'stand-in', peers: peers.filter((peer) => peer !== 'kubectl') })
        : { ...(await once()), stop: () => Promise.resolve() },
    say,
  };
}

/** On a busy machine only the ratios say something. */
function machine({ quick }: Options): string {
  const [cpu] = cpus();
  const [, five = 0] = loadavg();
  const where = `${cpus().length} × ${cpu?.model ?? 'CPU'}, Node ${process.version}`;
  return `${where}, load average ${five.toFixed(1)}${quick ? ', --quick' : ''}.`;
}

function say(text: string): void {
  console.error(`bench: ${text}`);
}

try {
  await main();
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 2;
}
