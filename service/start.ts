import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { BridgeProcess } from './bridge-process.js';
import { buildService } from './build.js';
import { PocketCluster } from './pocket/pocket-cluster.js';
import { writeSandboxImage } from './sandbox-image.js';
import { makeUserToken } from './user-token.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const usage = `npm start                                 the pocket cluster and the bridge, on this machine
npm start -- --kubeconfig F [--context C] the bridge on this machine, the sandboxes on a real cluster
options: --port N (3000), --user NAME (you), --namespace NS (claudecode-terminal)`;

interface Target {
  readonly environment: Readonly<Record<string, string>>;
  readonly description: string;
  stop(): Promise<void>;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      kubeconfig: { type: 'string' },
      context: { type: 'string' },
      port: { type: 'string', default: '3000' },
      user: { type: 'string', default: 'you' },
      namespace: { type: 'string', default: 'claudecode-terminal' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return console.log(usage);

  const state = await mkdtemp(join(tmpdir(), 'berth-'));
  say('building the bridge, the keeper and the page');
  await buildService(join(root, 'dist'));
  const target =
    values.kubeconfig === undefined
      ? await startPocket(join(state, 'pocket'), values.namespace)
      : realCluster(values.kubeconfig, values.context);
  const token = await addUser(join(state, 'users'), values.user);
  const bridge = await BridgeProcess.start({
    entry: join(root, 'dist/bridge/main.js'),
    log: process.env['LOG_LEVEL'] === undefined ? 'ignore' : 'inherit',
    environment: {
      ...target.environment,
      HOST: '127.0.0.1',
      PORT: values.port,
      NAMESPACE: values.namespace,
      USERS_DIR: join(state, 'users'),
      CLIENT_DIR: join(root, 'dist/client'),
      LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'warn',
    },
  });
  say(`ready – ${target.description}\n\n  Open  ${bridge.url}/#token=${token}\n\n  Ctrl-C stops everything.`);

  const asked = new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
  await Promise.race([asked, bridge.ended()]);
  await bridge.stop();
  await target.stop();
  await rm(state, { recursive: true, force: true });
}

/** Renders the manifests and starts a cluster on this machine that has just those objects. */
async function startPocket(directory: string, namespace: string): Promise<Target> {
  say('rendering the manifests');
  execFileSync('npm', ['run', '--silent', 'synth'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  say('starting the pocket cluster');
  const objects = await readManifests(join(root, 'cdk8s.out'));
  const image = join(directory, 'image');
  await writeSandboxImage(image, join(root, 'dist/keeper'));
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const pocket = await PocketCluster.start({
    directory,
    objects,
    images: { [`localhost/claudecode-sandbox:${version}`]: image },
  });
  return {
    description: 'the pocket cluster: sandboxes are processes on this machine',
    environment: {
      KUBECONFIG: await pocket.kubeconfigFor(namespace, 'web-terminal-service'),
      BANNER: 'Pocket cluster: shells run as you, on this machine.',
    },
    stop: () => pocket.stop(),
  };
}

function realCluster(kubeconfig: string, context: string | undefined): Target {
  return {
    description: `the cluster of ${kubeconfig}`,
    environment: { KUBECONFIG: kubeconfig, ...(context === undefined ? {} : { KUBE_CONTEXT: context }) },
    stop: () => Promise.resolve(),
  };
}

async function readManifests(folder: string): Promise<object[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.k8s.yaml')).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as object));
}

/** Gives this run a user of its own; its token is in the printed URL and nowhere else. */
async function addUser(directory: string, name: string): Promise<string> {
  const { token, hash } = makeUserToken();
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(join(directory, name), `${hash}\n`, { mode: 0o600 });
  return token;
}

function say(text: string): void {
  console.log(`berth: ${text}`);
}

try {
  await main();
} catch (error) {
  console.error(`berth: ${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 1;
}
