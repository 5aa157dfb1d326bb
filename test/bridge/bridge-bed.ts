import { build } from 'esbuild';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { parseAllDocuments } from 'yaml';
import { startBridge, type Bridge, type BridgeOptions } from '../../service/bridge/bridge.js';
import type { BridgeConfig } from '../../service/bridge/config.js';
import { PocketCluster, type PocketClusterOptions } from '../../service/pocket/pocket-cluster.js';
import { makeUserToken } from '../../service/user-token.js';
import { ApiClient } from '../stories/api-client.js';
import { until } from '../stories/until.js';

export const NAMESPACE = 'claudecode-terminal';
export const IMAGE = 'localhost/claudecode-sandbox:0.1.0';

/** A rendered object, loosely: tests change single fields. */
export interface Rendered {
  kind: string;
  metadata: { name: string; namespace?: string };
  rules?: { resources: string[]; verbs: string[] }[];
  spec?: { hard?: Record<string, string> };
  template?: {
    spec: { containers: { image: string; env: { name: string; value: string }[] }[]; activeDeadlineSeconds: number };
  };
}

export interface BedProps {
  /** @default the rendered manifests as they are */
  readonly change?: (objects: Rendered[]) => Rendered[];
  readonly pocket?: Partial<PocketClusterOptions>;
  readonly bridge?: Partial<BridgeConfig>;
  readonly options?: BridgeOptions;
  /** Whether to wait until the bridge is ready. @default true */
  readonly ready?: boolean;
}

/** A pocket cluster with the rendered manifests, the stand-in keeper as its image, and bridges in this process. */
export class BridgeBed {
  readonly bridges: Bridge[] = [];
  /** Every line that the bridges have logged. */
  readonly log: string[] = [];

  private constructor(
    readonly pocket: PocketCluster,
    readonly directory: string,
    readonly image: string,
    private readonly kubeconfig: string,
    private readonly props: BedProps,
    readonly tokens: Readonly<Record<'alice' | 'bob', string>>,
  ) {}

  static async start(props: BedProps = {}): Promise<BridgeBed> {
    const directory = await mkdtemp(join(tmpdir(), 'bed-'));
    const image = await standInImage(join(directory, 'image'));
    const objects = await renderedObjects();
    const pocket = await PocketCluster.start({
      directory: join(directory, 'p'),
      objects: props.change?.(objects) ?? objects,
      images: { [IMAGE]: image },
      node: { allocatable: { cpu: '64', memory: '512Gi', 'ephemeral-storage': '1Ti', pods: '110' } },
      ...props.pocket,
    });
    const kubeconfig = await pocket.kubeconfigFor(NAMESPACE, 'web-terminal-service');
    const users = join(directory, 'users');
    await mkdir(users);
    const tokens = { alice: await addUser(users, 'alice'), bob: await addUser(users, 'bob') };
    const bed = new BridgeBed(pocket, directory, image, kubeconfig, props, tokens);
    await bed.addBridge();
    return bed;
  }

  get bridge(): Bridge {
    return this.bridges[0]!;
  }

  get url(): string {
    return this.bridge.url;
  }

  get users(): string {
    return join(this.directory, 'users');
  }

  /** Another replica. */
  async addBridge(change: Partial<BridgeConfig> = {}): Promise<Bridge> {
    const log = pino({ level: 'debug' }, { write: (line: string) => void this.log.push(line) });
    const config: BridgeConfig = {
      host: '127.0.0.1',
      port: 0,
      opsPort: 0,
      namespace: NAMESPACE,
      usersDirectory: this.users,
      allowedOrigins: [],
      basePath: '',
      trustProxy: false,
      sessionsPerUser: 4,
      viewersPerSession: 4,
      loginAttemptsPerMinute: 1000,
      finishedTtlSeconds: 300,
      startLimitSeconds: 3600,
      drainSeconds: 1,
      logLevel: 'info',
      kubeconfig: this.kubeconfig,
      ...this.props.bridge,
      ...change,
    };
    const bridge = await startBridge(config, { log, ...this.props.options });
    this.bridges.push(bridge);
    if (this.props.ready !== false) await until('the bridge to be ready', () => isReady(bridge));
    return bridge;
  }

  api(user: 'alice' | 'bob' = 'alice', bridge = this.bridge): Promise<ApiClient> {
    return ApiClient.login(bridge.url, this.tokens[user]);
  }

  async metric(name: string, bridge = this.bridge): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${bridge.opsPort}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  /** An object of the namespace as an administrator sees it, e.g. `pods/x`. */
  async adminGet(path: string): Promise<unknown> {
    const agent = new Agent({ ca: Buffer.from(this.pocket.caData, 'base64') });
    const headers = { authorization: `Bearer ${this.pocket.adminToken()}` };
    const url = `${this.pocket.url}/api/v1/namespaces/${NAMESPACE}/${path}`;
    return new Promise((resolve, reject) => {
      get(url, { agent, headers }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve(JSON.parse(text)));
      }).on('error', reject);
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.bridges.map((bridge) => bridge.close()));
    await this.pocket.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}

export async function isReady(bridge: Bridge): Promise<boolean> {
  return (await fetch(`http://127.0.0.1:${bridge.opsPort}/readyz`)).ok;
}

export async function addUser(directory: string, name: string): Promise<string> {
  const { token, hash } = makeUserToken();
  await writeFile(join(directory, name), `${hash}\n`);
  return token;
}

async function renderedObjects(): Promise<Rendered[]> {
  const folder = new URL('../../cdk8s.out/', import.meta.url);
  const files = (await readdir(folder)).filter((file) => file.endsWith('.k8s.yaml')).sort();
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, folder), 'utf8')));
  return texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Rendered));
}

async function standInImage(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const script = join(folder, 'stand-in.mjs');
  await build({
    entryPoints: [new URL('stand-in-keeper.ts', import.meta.url).pathname],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
  for (const [name, mode] of [
    ['keeper', 'listen'],
    ['keeper-attach', 'attach'],
  ] as const) {
    await writeFile(join(folder, name), `#!/bin/sh\nexec '${process.execPath}' '${script}' ${mode}\n`, { mode: 0o755 });
  }
  return folder;
}
