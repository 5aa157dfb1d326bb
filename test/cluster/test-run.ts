import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { REPOSITORY } from './cache.js';
import { NotStarted, startLab } from './lab-start.js';
import { openLab } from './lab-record.js';
import { removeLab } from './lab.js';
import { saveLogs } from './lab-logs.js';

/**
 * `npm run test:cluster`: the stories of this folder, on the cluster that `KUBECONFIG` names, else on the lab. A lab that
 * runs already is used and left as it is; one that had to be started is stopped afterwards, unless `--keep` is given.
 * Other arguments go to jest. Stories find the cluster by `KUBECONFIG`, and the lab, where there is one, by `BERTH_LAB`.
 */
const LAB = 'lab';
const LOGS = join(REPOSITORY, '.artifacts/cluster');
const own = ['--keep', '--install'];
const args = process.argv.slice(2);
const jestArgs = args.filter((arg) => !own.includes(arg));
const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function jest(more: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  const node = ['--no-warnings', '--experimental-vm-modules', join(REPOSITORY, 'node_modules/jest/bin/jest.js')];
  // The project last: it takes all that follows for names of projects.
  const project = [
    '-c',
    join(REPOSITORY, '.config/jest.config.mjs'),
    ...more,
    ...jestArgs,
    '--selectProjects',
    'cluster',
  ];
  const child = spawn(process.execPath, [...node, ...project], {
    stdio: 'inherit',
    cwd: REPOSITORY,
    env: { ...process.env, ...env },
  });
  return new Promise((done) => child.once('close', (code) => done(code ?? 1)));
}

async function onLab(): Promise<number> {
  const found = await openLab(LAB);
  const lab = await startLab({
    choice: { name: LAB, nodes: 3 },
    install: args.includes('--install'),
    progress: (step) => say(`lab: ${step}`),
  }).catch(async (error: unknown) => {
    if (!(error instanceof NotStarted)) say(`logs: ${await saveLogs(LAB, LOGS)}`);
    throw error;
  });
  const code = await jest([], { KUBECONFIG: lab.kubeconfig, BERTH_LAB: LAB });
  if (code !== 0) say(`logs of nodes and Pods: ${await saveLogs(LAB, LOGS)}`);
  if (found === undefined && !args.includes('--keep')) await removeLab(LAB);
  return code;
}

const given = process.env['KUBECONFIG'] ?? '';
try {
  // The stories about the lab itself have nothing to say about another cluster.
  process.exitCode = given === '' ? await onLab() : await jest(['--testPathIgnorePatterns', '/lab[-.]'], {});
} catch (error) {
  if (!(error instanceof NotStarted)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
