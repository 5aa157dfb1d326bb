import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { BridgeProcess } from '../../service/bridge-process.js';
import { PocketCluster, type PocketClusterOptions } from '../../service/pocket/pocket-cluster.js';
import { writeSandboxImage } from '../../service/sandbox-image.js';
import { makeUserToken } from '../../service/user-token.js';
import type { Stage } from './stage.js';

const NAMESPACE = 'claudecode-terminal';
const ACCOUNT = 'web-terminal-service';
const root = join(import.meta.dirname, '../..');
const podName = (session: string): string => `claudecode-sandbox-${session}`;

/** How the pocket stage is set. */
export interface PocketStageProps {
  /** @default 2 */
  readonly replicas?: number;
  /** Further environment of the bridges. @default none */
  readonly environment?: Readonly<Record<string, string>>;
  /** An open file for the bridges' logs. @default nowhere, or here when LOG_LEVEL is set */
  readonly log?: number;
  /** Further options of the cluster. @default none */
  readonly cluster?: Partial<PocketClusterOptions>;
  /** Changes the rendered objects before they are applied. @default as rendered */
  readonly objects?: (objects: readonly Manifest[]) => readonly Manifest[];
}

/** A rendered object, as far as a stage looks into it. */
export interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

/** The pocket cluster with the rendered manifests, real keepers, and bridges as processes of their own. */
export class PocketStage implements Stage {
  private cuts = 0;

  private constructor(
    readonly cluster: PocketCluster,
    private readonly directory: string,
    private readonly environment: Readonly<Record<string, string>>,
    private readonly bridges: BridgeProcess[],
    private readonly log: 'inherit' | 'ignore' | number,
    readonly tokens: Readonly<Record<'alice' | 'bob', string>>,
  ) {}

  /** Needs `npm run build` to have run; jest's global set-up does that. */
  static async open({
    replicas = 2,
    environment = {},
    log,
    cluster = {},
    objects,
  }: PocketStageProps = {}): Promise<PocketStage> {
    const directory = await mkdtemp(join(tmpdir(), 'story-'));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    await writeSandboxImage(join(directory, 'image'), join(root, 'dist/keeper'));
    const rendered = await readManifests();
    const pocket = await PocketCluster.start({
      directory: join(directory, 'c'),
      objects: objects?.(rendered) ?? rendered,
      images: { [`localhost/claudecode-sandbox:${version}`]: join(directory, 'image') },
      // Room for every story's sandboxes, whatever machine this is.
      node: { allocatable: { cpu: '64', memory: '256Gi', 'ephemeral-storage': '1Ti' } },
      ...cluster,
    });
    const [alice, bob] = [makeUserToken(), makeUserToken()];
    const users = join(directory, 'users');
    await mkdir(users);
    await writeFile(join(users, 'alice'), alice.hash);
    await writeFile(join(users, 'bob'), bob.hash);
    const stage = new PocketStage(
      pocket,
      directory,
      {
        NAMESPACE,
        USERS_DIR: users,
        CLIENT_DIR: join(root, 'dist/client'),
        KUBECONFIG: await pocket.kubeconfigFor(NAMESPACE, ACCOUNT),
        LOG_LEVEL: 'warn',
        DRAIN_SECONDS: '5',
        SESSIONS_PER_USER: '20',
        LOGIN_ATTEMPTS_PER_MINUTE: '1000',
        ...environment,
      },
      [],
      log ?? (process.env['LOG_LEVEL'] === undefined ? 'ignore' : 'inherit'),
      { alice: alice.token, bob: bob.token },
    );
    for (let replica = 0; replica < replicas; replica += 1) await stage.addBridge();
    return stage;
  }

  get urls(): readonly string[] {
    return this.bridges.map((bridge) => bridge.url);
  }

  /** Starts one more replica. */
  async addBridge(environment: Readonly<Record<string, string>> = {}): Promise<BridgeProcess> {
    const bridge = await BridgeProcess.start({
      entry: join(root, 'dist/bridge/main.js'),
      environment: { ...this.environment, ...environment },
      log: this.log,
    });
    this.bridges.push(bridge);
    return bridge;
  }

  /** The first replica dies and another takes over its address, as a Service sees to it. */
  async crashBridge(): Promise<void> {
    await this.replaceBridge('SIGKILL');
  }

  /** One replica ends by `signal` and another takes over its address. */
  async replaceBridge(signal: 'SIGKILL' | 'SIGTERM', replica = 0): Promise<void> {
    const old = this.bridges[replica]!;
    await old.stop(signal);
    this.bridges[replica] = await BridgeProcess.start({
      entry: join(root, 'dist/bridge/main.js'),
      environment: { ...this.environment, PORT: String(old.port), OPS_PORT: String(old.opsPort) },
      log: this.log,
    });
  }

  /** In turn on either side of the API server: what the bridge is told differs. */
  cutStreams(session: string): Promise<number> {
    const { faults } = this.cluster;
    this.cuts += 1;
    const cut =
      this.cuts % 2 === 0
        ? faults.killStreams(NAMESPACE, podName(session))
        : faults.killNodeStreams(NAMESPACE, podName(session));
    return Promise.resolve(cut);
  }

  deletePod(session: string): Promise<void> {
    this.cluster.faults.deletePod(NAMESPACE, podName(session));
    return Promise.resolve();
  }

  async sandboxes(): Promise<readonly string[]> {
    const pods = await this.pods();
    return pods.map((pod) => pod.metadata.labels?.['berth.dev/session'] ?? pod.metadata.name);
  }

  async processes(session?: string): Promise<readonly string[]> {
    const uid =
      session === undefined
        ? undefined
        : (await this.pods()).find((pod) => pod.metadata.name === podName(session))?.metadata.uid;
    const all = await this.cluster.processes();
    const wanted =
      session === undefined ? all : all.filter((each) => uid !== undefined && each.container.startsWith(uid));
    return wanted.map((each) => `${each.pid} ${each.command}`);
  }

  addProfile(name: string, environment: Readonly<Record<string, string>>): Promise<void> {
    return this.changeProfile(name, (container) => {
      container.env = container.env.map((each) => ({ name: each.name, value: environment[each.name] ?? each.value }));
    });
  }

  /** Adds a profile like `small` after `change` was made to its container. */
  async changeProfile(name: string, change: (container: SandboxContainer) => void): Promise<void> {
    this.cluster.apply([await profileLikeSmall(name, change)]);
  }

  async metric(name: string): Promise<number> {
    const texts = await Promise.all(
      this.bridges.map(async ({ opsPort }) => (await fetch(`http://127.0.0.1:${opsPort}/metrics`)).text()),
    );
    const lines = texts
      .flatMap((text) => text.split('\n'))
      .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
    if (lines.length === 0) throw new Error(`no metric ${name}`);
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  async stop(): Promise<void> {
    await Promise.all(this.bridges.map((bridge) => bridge.stop('SIGKILL')));
    await this.cluster.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Asks the cluster's API as its administrator; `path` is below the terminal's namespace. */
  ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const url = `${this.cluster.url}/api/v1/namespaces/${NAMESPACE}/${path}`;
    const headers = { authorization: `Bearer ${this.cluster.adminToken()}`, 'content-type': 'application/json' };
    return new Promise((resolve, reject) => {
      const outgoing = request(url, { method, ca: Buffer.from(this.cluster.caData, 'base64'), headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) as unknown });
        });
      });
      outgoing.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  private async pods(): Promise<readonly SandboxPod[]> {
    const { body } = await this.ask('GET', 'pods');
    return (body as { items: SandboxPod[] }).items;
  }
}

interface SandboxPod {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

/** What a story changes in a profile. */
export interface SandboxContainer {
  env: { name: string; value: string }[];
  image: string;
  resources: { limits: Record<string, string>; requests: Record<string, string> };
}

interface SmallTemplate {
  metadata: { name: string; annotations: Record<string, string> };
  template: { spec: { containers: SandboxContainer[] } };
}

/** The rendered profile `small` under another name, after `change` was made to its container. */
export async function profileLikeSmall(name: string, change: (container: SandboxContainer) => void): Promise<Manifest> {
  const small = (await readManifests()).find(
    (each) => each.kind === 'PodTemplate' && each.metadata.name === 'small',
  ) as unknown as SmallTemplate & Manifest;
  small.metadata.name = name;
  delete small.metadata.annotations['berth.dev/default'];
  change(small.template.spec.containers[0]!);
  return small;
}

/** The committed rendering of the terminal cluster. */
export async function readManifests(): Promise<readonly Manifest[]> {
  const folder = join(root, 'cdk8s.out');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.k8s.yaml')).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Manifest));
}
