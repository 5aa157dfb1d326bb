import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { BridgeProcess } from './bridge-process.js';
import { buildService } from './build.js';
import { PocketCluster } from './pocket/pocket-cluster.js';
import { writeSandboxImage } from './sandbox-image.js';
import { readStartOptions, START_USAGE, type StartOptions } from './start-options.js';
import { makeUserToken } from './user-token.js';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Target {
  readonly environment: Readonly<Record<string, string>>;
  readonly description: string;
  stop(): Promise<void>;
}

/** Runs until a signal asks for the end, and leaves nothing behind, however it ends. */
async function run(options: StartOptions): Promise<void> {
  const asked = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => asked.abort());
  const state = await mkdtemp(join(tmpdir(), 'berth-'));
  const undo = [() => rm(state, { recursive: true, force: true })];
  try {
    await serve(options, state, asked.signal, (step) => void undo.unshift(step));
  } catch (error) {
    if (!asked.signal.aborted) throw error;
  } finally {
    for (const step of undo) await step();
  }
}

/** Ends when `signal` says so. @throws Error when something cannot be started, or the bridge ends by itself */
async function serve(
  options: StartOptions,
  state: string,
  signal: AbortSignal,
  onEnd: (step: () => Promise<void>) => void,
): Promise<void> {
  say('building the bridge, the keeper and the page');
  // Each run has a build of its own: another one, or a test, may be using the last.
  const built = join(state, 'dist');
  await buildService(built);
  signal.throwIfAborted();
  const target =
    options.kubeconfig === undefined
      ? await startPocket(join(state, 'pocket'), join(built, 'keeper'), options.namespace)
      : realCluster(options.kubeconfig, options.context);
  onEnd(() => target.stop());
  signal.throwIfAborted();
  const token = await addUser(join(state, 'users'), options.user);
  const bridge = await BridgeProcess.start({
    entry: join(built, 'bridge/main.js'),
    log: process.env['LOG_LEVEL'] === undefined ? 'ignore' : 'inherit',
    environment: {
      ...target.environment,
      HOST: '127.0.0.1',
      PORT: String(options.port),
      NAMESPACE: options.namespace,
      USERS_DIR: join(state, 'users'),
      CLIENT_DIR: join(built, 'client'),
      LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'warn',
      // There is no other replica to send the viewers to.
      DRAIN_SECONDS: '0',
    },
    onWaiting: (reasons) => say(`the bridge waits:\n${reasons.replace(/^/gm, '  ')}`),
    signal,
  });
  onEnd(() => bridge.stop());
  say(
    `ready – ${target.description}; you are ${options.user}\n\n  Open  ${bridge.url}/#token=${token}\n\n  Ctrl-C stops everything.`,
  );
  const end = await Promise.race([aborted(signal), bridge.ended()]);
  if (end !== undefined) throw new Error(end);
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

/** Renders the manifests and starts a cluster on this machine that has just those objects. */
async function startPocket(directory: string, keeper: string, namespace: string): Promise<Target> {
  say('rendering the manifests');
  const manifests = join(directory, 'manifests');
  const environment = { ...process.env, CDK8S_OUTDIR: manifests };
  await promisify(execFile)('npm', ['run', '--silent', 'synth'], { cwd: root, env: environment });
  say('starting the pocket cluster');
  const objects = await readManifests(manifests);
  const image = join(directory, 'image');
  await writeSandboxImage(image, keeper);
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
  const home = process.env['HOME'];
  return {
    description: `the cluster of ${kubeconfig}`,
    environment: {
      KUBECONFIG: kubeconfig,
      ...(context === undefined ? {} : { KUBE_CONTEXT: context }),
      // Login helpers that a kubeconfig names keep their credentials there.
      ...(home === undefined ? {} : { HOME: home }),
    },
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

/** '' for an account without a name. */
function login(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}

function say(text: string): void {
  console.log(`berth: ${text}`);
}

try {
  const options = readStartOptions(process.argv.slice(2), login());
  if (options === undefined) console.log(START_USAGE);
  else await run(options);
} catch (error) {
  console.error(`berth: ${error instanceof Error ? error.message : String(error)}\n\n${START_USAGE}`);
  process.exitCode = 1;
}
