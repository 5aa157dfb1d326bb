import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { IMAGES } from '../../service/images/image.js';
import { buildLocalImages } from '../images/local-images.js';
import { CACHE, REPOSITORY } from './cache.js';
import { deployTerminal, NAMESPACE } from './deploy-terminal.js';
import { Kubectl } from './kubectl.js';
import { saveLogs } from './lab-logs.js';
import { openLab } from './lab-record.js';
import { NotStarted, startLab } from './lab-start.js';
import { removeLab } from './lab.js';
import { WEB_NODE_PORT } from './relay.js';
import { STAGE_VARIABLE, writeStage } from './stage-record.js';
import { readTestOptions, type TestOptions } from './test-options.js';
import { writeVmwareTerminal } from './vmware-terminal.js';

/**
 * `npm run test:cluster`: the stories of this folder, on the cluster that `KUBECONFIG` names, else on the lab. The terminal
 * is deployed there once, for all of them, as the README says. A lab that runs already is used and left as it is; one that
 * had to be started is stopped afterwards, unless `--keep` is given. Stories find the deployment by `BERTH_STAGE`, and the
 * lab, where there is one, by `BERTH_LAB`.
 */
const LOGS = join(REPOSITORY, '.artifacts/cluster');
type Environment = Readonly<Record<string, string>>;

const began = Date.now();
const say = (text: string): void => {
  const seconds = ((Date.now() - began) / 1000).toFixed(0).padStart(4);
  process.stdout.write(`${seconds} s  ${text}\n`);
};

/** Files of stories, by the beginnings of their names, as a pattern for jest. */
const files = (names: readonly string[]): string => `/test/cluster/(${names.join('|')})[-.]`;

/** Projects of jest: what is said of every cluster, and of the VMware lab besides. */
const PROJECTS = { others: ['cluster'], vmware: ['cluster', 'vmware-lab'] } as const;
type Projects = readonly string[];
/** Takes ten minutes, most of which it waits. */
const WAITING = ['token-rotation'];
/** Leave the control plane, the bridge and the manifests alone: they are told beside the one that waits. */
const QUIET = ['network', 'memory', 'scheduling', 'node-loss', 'audit'];
/** About the lab itself, or in need of its hosts: they have nothing to say about another cluster. */
const ON_LAB = ['lab', 'network', 'scheduling', 'node-loss', 'audit'];

/** What the VMware lab is given: the terminal alone. */
const TERMINAL_IMAGES = IMAGES.filter(({ name }) => name === 'web-terminal-service' || name === 'claudecode-sandbox');
/** What is told on the VMware lab: the terminal's stories and those of its networks, its nodes and its firewall. */
const ON_VMWARE = [files(['terminal', 'network']), '/test/nodes/lab/'];

/** Tells all stories but those of `without`, or those that the words choose. Gives the highest exit code. */
async function tell(
  words: readonly string[],
  without: readonly string[],
  env: Environment,
  projects: Projects = PROJECTS.others,
): Promise<number> {
  const ignoring = (names: readonly string[]): readonly string[] =>
    names.length > 0 ? ['--testPathIgnorePatterns', files(names)] : [];
  if (words.length > 0) return jest([...words, ...ignoring(without)], env, projects);
  const first = await jest(ignoring([...without, ...WAITING, ...QUIET]), env, projects);
  const quiet = QUIET.filter((name) => !without.includes(name));
  return Math.max(first, ...(await Promise.all([WAITING, quiet].map((names) => jest([files(names)], env, projects)))));
}

async function jest(words: readonly string[], env: Environment, projects: Projects): Promise<number> {
  const node = ['--no-warnings', '--experimental-vm-modules', join(REPOSITORY, 'node_modules/jest/bin/jest.js')];
  const config = ['-c', join(REPOSITORY, '.config/jest.config.mjs')];
  // One file after the other: they restart what the others use. The projects last: they take all that follows for names.
  const child = spawn(process.execPath, [...node, ...config, '-i', ...words, '--selectProjects', ...projects], {
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
    // First, because what it lacks is better known before a lab is up.
    say('images of Berth: build');
    const onVmware = choice.inventory === 'vmware-lab';
    const images = await buildLocalImages(onVmware ? TERMINAL_IMAGES : IMAGES);
    const lab = await startLab({ choice, install, progress: (step) => say(`lab: ${step}`) });
    say('images of Berth: import into every node');
    await lab.importEverywhere(images.map(({ reference, archive }) => ({ reference, file: archive })));
    const kubectl = new Kubectl(lab.kubectlProgram, lab.kubeconfig);
    const manifests = onVmware ? join(lab.folder, 'manifests') : undefined;
    if (manifests !== undefined) await writeVmwareTerminal(lab.inventory, manifests);
    const deployed = await deployTerminal(kubectl, `http://127.0.0.1:${lab.plan.ports.web}`, say, manifests);
    // What a run left that was broken off; stories count sandboxes.
    await kubectl.run(['-n', NAMESPACE, 'delete', 'pods', '-l', 'berth.dev/session']);
    const record = join(lab.folder, 'stage.json');
    await writeStage(record, { ...deployed, kubectl: kubectl.program, kubeconfig: lab.kubeconfig, lab: name });
    say('stories');
    const env = { KUBECONFIG: lab.kubeconfig, BERTH_LAB: name, [STAGE_VARIABLE]: record };
    const words = onVmware && jestWords.length === 0 ? ON_VMWARE : jestWords;
    code = await tell(words, [], env, onVmware ? PROJECTS.vmware : PROJECTS.others);
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
  return tell(jestWords, ON_LAB, { [STAGE_VARIABLE]: record });
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
