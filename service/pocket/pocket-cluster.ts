import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiServer } from './api-server.js';
import { Authorizer } from './authorizer.js';
import { makeCertificate } from './certificate.js';
import { Credentials } from './credentials.js';
import { EventRecorder } from './event-recorder.js';
import { ExecEndpoint, type ExecRule } from './exec-endpoint.js';
import { Faults } from './faults.js';
import { ADMIN, serviceAccount } from './identity.js';
import { isRecord, type Manifest } from './kube-object.js';
import { Kubelet } from './kubelet.js';
import { ObjectStore } from './object-store.js';
import { nodeObject, type PocketNode } from './pocket-node.js';
import { ProcessTable } from './process-table.js';
import { ResourceApi } from './resource-api.js';
import { kindOf, NAMESPACES, RESOURCE_KINDS } from './resource-kind.js';
import { Scheduler } from './scheduler.js';

/** How a pocket cluster is made. */
export interface PocketClusterOptions {
  /** Kubernetes objects to begin with; kinds that are not known here are left out. @default none */
  readonly objects?: readonly unknown[];
  /** Image references, each with the folder of executables that stands for the image. */
  readonly images: Readonly<Record<string, string>>;
  /** Where tokens and the Pods' files go, at most 72 bytes long; `stop` removes it. @default a new folder in the system's temporary one */
  readonly directory?: string;
  /** @default '1.34' */
  readonly execRule?: ExecRule;
  /** @default 0: any free one */
  readonly port?: number;
  /** @default a node like this machine */
  readonly node?: PocketNode;
  /** Whether an out-of-memory kill takes the biggest process only. @default false: the whole container */
  readonly singleProcessOOMKill?: boolean;
}

/** A process of a Pod, as the operating system shows it. */
export interface PodProcess {
  readonly pid: number;
  /** `<namespace>/<name>`. */
  readonly pod: string;
  /** `<Pod uid>/<container>`. */
  readonly container: string;
  readonly command: string;
}

/** A unix socket's path may have 104 bytes, 108 on Linux; a Pod needs the rest. */
const DIRECTORY_LIMIT = 72;

interface Parts {
  readonly directory: string;
  readonly store: ObjectStore;
  readonly resources: ResourceApi;
  readonly credentials: Credentials;
  readonly table: ProcessTable;
  readonly images: Map<string, string>;
  readonly scheduler: Scheduler;
  readonly kubelet: Kubelet;
  readonly exec: ExecEndpoint;
  readonly server: ApiServer;
  readonly faults: Faults;
}

/**
 * A Kubernetes API on 127.0.0.1 whose Pods are processes of this user on this machine: no isolation whatsoever.
 * Whoever has a token of it runs programs as you.
 */
export class PocketCluster {
  /** What goes wrong in a real cluster, on demand. */
  readonly faults: Faults;
  private port = 0;
  private readonly exitHook = (): void => {
    this.parts.kubelet.killNow();
    rmSync(this.parts.directory, { recursive: true, force: true });
  };

  private constructor(
    private readonly parts: Parts,
    /** Base64 of the PEM certificate that clients trust. */
    readonly caData: string,
  ) {
    this.faults = parts.faults;
    process.once('exit', this.exitHook);
  }

  /** Starts the cluster. @throws RangeError for a directory whose path is too long; Error when the port is taken */
  static async start(options: PocketClusterOptions): Promise<PocketCluster> {
    const directory = await makeDirectory(options.directory);
    const store = new ObjectStore();
    const node = options.node?.name ?? 'pocket';
    const recorder = new EventRecorder(store, node);
    const table = new ProcessTable(randomBytes(6).toString('hex'));
    const images = new Map(Object.entries(options.images));
    const kubelet = new Kubelet({
      store,
      recorder,
      table,
      images,
      node,
      folder: join(directory, 'p'),
      host: process.env,
      singleProcessOOMKill: options.singleProcessOOMKill ?? false,
    });
    const scheduler = new Scheduler(store, recorder);
    const resources = new ResourceApi(store);
    const credentials = new Credentials(directory);
    const authorizer = new Authorizer(store);
    const exec = new ExecEndpoint({ store, kubelet, authorizer, rule: options.execRule ?? '1.34' });
    const faults = new Faults({ store, resources, recorder, kubelet, exec, node });
    const certificate = await makeCertificate();
    const { tokens } = credentials;
    const refuse = faults.check.bind(faults);
    const server = new ApiServer({ certificate, store, resources, tokens, authorizer, exec, refuse });
    const parts = { directory, store, resources, credentials, table, images, scheduler, kubelet, exec, server, faults };
    const cluster = new PocketCluster(parts, Buffer.from(certificate.authority).toString('base64'));
    try {
      cluster.apply([namespace('default'), namespace('kube-system'), nodeObject(options.node ?? {})]);
      cluster.apply(options.objects ?? []);
      cluster.port = await server.listen(options.port ?? 0);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  /** Creates objects or replaces those of the same name, as an administrator. Kinds that are not known here are left out. */
  apply(objects: readonly unknown[]): void {
    const known = objects.filter(isManifest).flatMap((manifest) => {
      const kind = kindOf(manifest.apiVersion, manifest.kind);
      return kind === undefined ? [] : [{ kind, manifest }];
    });
    // Namespaces first, whatever the order of the files.
    known.sort((a, b) => Number(b.kind === NAMESPACES) - Number(a.kind === NAMESPACES));
    const { store, resources } = this.parts;
    for (const { kind, manifest } of known) {
      const name = String(manifest.metadata.name);
      const { namespace: given = 'default' } = manifest.metadata;
      const scope = kind.namespaced ? String(given) : undefined;
      const request = { kind, namespace: scope, name, query: new URLSearchParams() };
      if (store.get(kind, scope, name) === undefined) resources.create({ ...request, verb: 'create' }, manifest);
      else resources.update({ ...request, verb: 'update' }, manifest);
    }
  }

  /** Removes an object at once, as an administrator; nothing happens when there is none. */
  remove(kind: string, scope: string | undefined, name: string): void {
    const row = RESOURCE_KINDS.find((each) => each.kind === kind);
    if (row === undefined) throw new RangeError(`kind ${kind}: not known to the pocket cluster`);
    const found = this.parts.store.get(row, row.namespaced ? scope : undefined, name);
    if (found !== undefined) this.parts.resources.remove(row, found, 0);
  }

  /** Brings an image, or brings it back; Pods that wait for it start. */
  addImage(reference: string, folder: string): void {
    this.parts.images.set(reference, folder);
    this.parts.kubelet.retry();
  }

  /** Takes an image away; Pods that run go on running. */
  removeImage(reference: string): void {
    this.parts.images.delete(reference);
  }

  /** A new token of the administrator, who may do everything. */
  adminToken(): string {
    return this.parts.credentials.tokens.issue(ADMIN);
  }

  /** Writes a kubeconfig for the administrator. @returns its path */
  async adminKubeconfig(): Promise<string> {
    const { url, caData } = this;
    return this.parts.credentials.writeKubeconfig(ADMIN, { url, caData, namespace: 'default' });
  }

  /** Writes a kubeconfig for a ServiceAccount, with its token in a file that `rotateToken` replaces. @returns its path */
  async kubeconfigFor(scope: string, account: string): Promise<string> {
    const { url, caData } = this;
    return this.parts.credentials.writeKubeconfig(serviceAccount(scope, account), { url, caData, namespace: scope });
  }

  /** A new token for a ServiceAccount, written to its token file if it has one; old ones end unless kept. @returns the token */
  async rotateToken(scope: string, account: string, { keepOld = false } = {}): Promise<string> {
    return this.parts.credentials.rotate(serviceAccount(scope, account), keepOld);
  }

  /** The API goes away without a word and comes back on the same port. Pods, their processes and the objects stay. */
  async restartApi(awayMilliseconds = 0): Promise<void> {
    await this.dropConnections();
    await delay(awayMilliseconds);
    await this.parts.server.listen(this.port);
  }

  /** Every process of every Pod, also exec'd ones and those that went into the background. */
  async processes(): Promise<readonly PodProcess[]> {
    const rows = await this.parts.table.look();
    return rows.map(({ pid, container, command }) => {
      const [uid = ''] = container.split('/');
      return { pid, command, container, pod: this.parts.kubelet.nameOf(uid) ?? uid };
    });
  }

  /** Ends everything: no process, no listening port and no file is left. */
  async stop(): Promise<void> {
    this.parts.scheduler.stop();
    await this.dropConnections();
    await this.parts.kubelet.stop();
    process.removeListener('exit', this.exitHook);
    await rm(this.parts.directory, { recursive: true, force: true, maxRetries: 3 });
  }

  private async dropConnections(): Promise<void> {
    await this.parts.server.drop();
    for (const stream of this.parts.exec.streams) stream.kill();
  }
}

async function makeDirectory(wanted: string | undefined): Promise<string> {
  if (wanted !== undefined && Buffer.byteLength(wanted) > DIRECTORY_LIMIT) {
    const rule = `at most ${DIRECTORY_LIMIT} bytes, because the paths of unix sockets below it are limited`;
    throw new RangeError(`directory ${wanted}: ${rule}`);
  }
  if (wanted === undefined) return mkdtemp(join(tmpdir(), 'pocket-'));
  await mkdir(wanted, { recursive: true, mode: 0o700 });
  return wanted;
}

function namespace(name: string): Manifest {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

function isManifest(value: unknown): value is Manifest {
  if (!isRecord(value) || !isRecord(value['metadata'])) return false;
  return typeof value['apiVersion'] === 'string' && typeof value['kind'] === 'string';
}
