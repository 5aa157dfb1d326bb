import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CACHE, REPOSITORY } from './cache.js';
import { deployTerminal, importBerthImages } from './deploy-terminal.js';
import { Kubectl } from './kubectl.js';
import { saveLogs } from './lab-logs.js';
import { openLab } from './lab-record.js';
import { NotStarted, startLab } from './lab-start.js';
import { removeLab } from './lab.js';
import { WEB_NODE_PORT } from './relay.js';
import { STAGE_VARIABLE, writeStage } from './stage-record.js';
import { readTestOptions, type TestOptions } from './test-options.js';

/**
 * `npm run test:cluster`: the stories of this folder, on the cluster that `KUBECONFIG` names, else on the lab. The terminal
 * is deployed there once, for all of them, as the README says. A lab that runs already is used and left as it is; one that
 * had to be started is stopped afterwards, unless `--keep` is given. Stories find the deployment by `BERTH_STAGE`, and the
 * lab, where there is one, by `BERTH_LAB`.
 */
const LOGS = join(REPOSITORY, '.artifacts/cluster');
const began = Date.now();
const say = (text: string): void => {
  const seconds = ((Date.now() - began) / 1000).toFixed(0).padStart(4);
  process.stdout.write(`${seconds} s  ${text}\n`);
};

async function jest(words: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  const node = ['--no-warnings', '--experimental-vm-modules', join(REPOSITORY, 'node_modules/jest/bin/jest.js')];
  const config = ['-c', join(REPOSITORY, '.config/jest.config.mjs')];
  // One file after the other: they restart what the others use. The project last: it takes all that follows for names.
  const child = spawn(process.execPath, [...node, ...config, '-i', ...words, '--selectProjects', 'cluster'], {
    stdio: 'inherit',
    cwd: REPOSITORY,
    env: { ...process.env, ...env },
  });
  return new Promise((done) => child.once('close', (code) => done(code ?? 1)));
}

async function onLab({ choice, install, keep, jestWords }: TestOptions): Promise<number> {
  const { name } = choice;
  const found = await openLab(name);
  let code = 1;
  try {
    const lab = await startLab({ choice, install, progress: (step) => say(`lab: ${step}`) });
    await importBerthImages(lab, say);
    const kubectl = new Kubectl(lab.kubectlProgram, lab.kubeconfig);
    const deployed = await deployTerminal(kubectl, `http://127.0.0.1:${lab.inventory.ports.web}`, say);
    const record = join(lab.folder, 'stage.json');
    await writeStage(record, { ...deployed, kubectl: kubectl.program, kubeconfig: lab.kubeconfig, lab: name });
    say('stories');
    code = await jest(jestWords, { KUBECONFIG: lab.kubeconfig, BERTH_LAB: name, [STAGE_VARIABLE]: record });
  } catch (error) {
    if (error instanceof NotStarted) throw error;
    say(error instanceof Error ? error.message : String(error));
  }
  if (code !== 0) say(`logs of nodes and Pods: ${await saveLogs(name, LOGS)}`);
  if (found === undefined && !keep) await removeLab(name);
  return code;
}

/** The operator's own cluster: its nodes have the images, its admin is the kubectl on the PATH. */
async function onCluster(kubeconfig: string, { jestWords }: TestOptions): Promise<number> {
  const kubectl = new Kubectl('kubectl', kubeconfig);
  const [address = ''] = (
    await kubectl.run(['get', 'nodes', '-o', 'jsonpath={.items[*].status.addresses[?(@.type=="InternalIP")].address}'])
  ).split(' ');
  const url = process.env['BERTH_URL'] ?? `http://${address}:${WEB_NODE_PORT}`;
  const deployed = await deployTerminal(kubectl, url, say);
  await mkdir(CACHE, { recursive: true });
  const record = join(CACHE, `stage-${process.pid}.json`);
  await writeStage(record, { ...deployed, kubectl: kubectl.program, kubeconfig });
  say('stories');
  // The stories about the lab itself, or that need its hosts, have nothing to say about another cluster.
  return jest([...jestWords, '--testPathIgnorePatterns', '/(lab|network|scheduling|node-loss|audit)[-.]'], {
    [STAGE_VARIABLE]: record,
  });
}

try {
  const options = readTestOptions(process.argv.slice(2));
  const given = process.env['KUBECONFIG'] ?? '';
  process.exitCode = given === '' ? await onLab(options) : await onCluster(given, options);
} catch (error) {
  if (!(error instanceof NotStarted || error instanceof RangeError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
