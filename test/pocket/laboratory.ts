import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CoreV1Api, KubeConfig, type V1Pod } from '@kubernetes/client-node';
import { PocketCluster, type PocketClusterOptions } from '../../service/pocket/pocket-cluster.js';

export const NAMESPACE = 'lab';
export const ACCOUNT = 'bridge';
export const IMAGE = 'localhost/tools:1';

/** Every permission that the tests use; a test may start with fewer. */
export const RULES: readonly Rule[] = [
  { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  { apiGroups: [''], resources: ['pods/exec'], verbs: ['get', 'create'] },
  { apiGroups: [''], resources: ['podtemplates', 'events'], verbs: ['get', 'list', 'watch'] },
];

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** A part of an object as JSON. */
export type Json = Readonly<Record<string, unknown>>;

export interface RawRequest {
  /** @default 'GET' */
  readonly method?: string;
  /** @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** @default none */
  readonly body?: string;
}

/** Programs of the image, by name. They end with the test that runs them, so they may wait for ever. */
const PROGRAMS: Readonly<Record<string, string>> = {
  // Ends at once when asked to, as a main process under tini does.
  'lab-idle': 'trap "exit 0" TERM; while :; do sleep 0.05; done',
  // Does not hear that it shall end.
  'lab-stubborn': 'trap "" TERM; while :; do sleep 0.05; done',
};

/** A pocket cluster with one namespace, one ServiceAccount and an image of shell programs. */
export class Laboratory {
  private constructor(
    readonly cluster: PocketCluster,
    readonly config: KubeConfig,
    private readonly image: string,
    /** The folder of an image without programs. */
    readonly emptyImage: string,
  ) {}

  static async open(options: Partial<PocketClusterOptions> = {}, rules: readonly Rule[] = RULES): Promise<Laboratory> {
    const image = await mkdtemp(join(tmpdir(), 'image-'));
    for (const [name, script] of Object.entries(PROGRAMS)) await program(image, name, script);
    const cluster = await PocketCluster.start({
      images: { [IMAGE]: image },
      ...options,
      objects: [...access(rules), ...(options.objects ?? [])],
    });
    const config = new KubeConfig();
    config.loadFromFile(await cluster.kubeconfigFor(NAMESPACE, ACCOUNT));
    return new Laboratory(cluster, config, image, await mkdtemp(join(tmpdir(), 'image-')));
  }

  /** As the ServiceAccount. */
  get api(): CoreV1Api {
    return this.config.makeApiClient(CoreV1Api);
  }

  async adminApi(): Promise<CoreV1Api> {
    return (await this.adminConfig()).makeApiClient(CoreV1Api);
  }

  async adminConfig(): Promise<KubeConfig> {
    const config = new KubeConfig();
    config.loadFromFile(await this.cluster.adminKubeconfig());
    return config;
  }

  async create(name: string, container: Json = {}, spec: Json = {}): Promise<V1Pod> {
    return this.send(podOf(name, container, spec));
  }

  /** Creates a Pod from any JSON; the client's classes want to be made by their constructors. */
  async send(body: Json, { namespace = NAMESPACE, dryRun = false } = {}): Promise<V1Pod> {
    const api = namespace === NAMESPACE ? this.api : await this.adminApi();
    const pod = body as unknown as V1Pod;
    return api.createNamespacedPod(dryRun ? { namespace, body: pod, dryRun: 'All' } : { namespace, body: pod });
  }

  async delete(name: string, options: Json = {}): Promise<V1Pod> {
    return this.api.deleteNamespacedPod({ namespace: NAMESPACE, name, body: options });
  }

  async run(name: string, container: Json = {}, spec: Json = {}): Promise<V1Pod> {
    await this.create(name, container, spec);
    return this.until(name, (pod) => pod.status?.phase === 'Running');
  }

  async get(name: string): Promise<V1Pod> {
    return this.api.readNamespacedPod({ namespace: NAMESPACE, name });
  }

  /** Waits until the Pod is as wanted. */
  async until(name: string, wanted: (pod: V1Pod) => boolean): Promise<V1Pod> {
    let pod: V1Pod | undefined;
    await eventually(async () => wanted((pod = await this.get(name))));
    return pod!;
  }

  /** Waits until the Pod has gone. */
  async untilGone(name: string): Promise<void> {
    await eventually(async () => (await this.pods()).every((pod) => pod.metadata?.name !== name));
  }

  async pods(): Promise<readonly V1Pod[]> {
    return (await this.api.listNamespacedPod({ namespace: NAMESPACE })).items;
  }

  /** `reason: message` of every event about the Pod. */
  async events(name: string): Promise<readonly string[]> {
    const fieldSelector = `involvedObject.name=${name}`;
    const { items } = await this.api.listNamespacedEvent({ namespace: NAMESPACE, fieldSelector });
    return items.map((event) => `${event.reason ?? ''}: ${event.message ?? ''}`);
  }

  /** A bare HTTPS request, as the administrator unless it says otherwise. @returns the status code */
  async ask(path: string, { method = 'GET', headers = {}, body = '' }: RawRequest = {}): Promise<number> {
    const ca = Buffer.from(this.cluster.caData, 'base64');
    const authorization = `Bearer ${this.cluster.adminToken()}`;
    return new Promise((resolve, reject) => {
      const call = request(
        `${this.cluster.url}${path}`,
        { method, ca, headers: { authorization, ...headers } },
        (answer) => {
          answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
        },
      );
      call.once('error', reject).end(body);
    });
  }

  async close(): Promise<void> {
    await this.cluster.stop();
    await rm(this.image, { recursive: true, force: true });
    await rm(this.emptyImage, { recursive: true, force: true });
  }
}

/** A Pod that runs `lab-idle` for as long as it is let. */
export function podOf(name: string, container: Json = {}, spec: Json = {}, metadata: Json = {}): Json {
  return {
    metadata: { name, ...metadata },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image: IMAGE, imagePullPolicy: 'Never', args: ['lab-idle'], ...container }],
      ...spec,
    },
  };
}

/** What an API call was refused with. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ code: number; message: string; reason: string; body: RefusalBody }> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown as { code?: number; body?: unknown },
  );
  if (error === undefined) throw new Error('it was not refused');
  const body = (typeof error.body === 'string' ? JSON.parse(error.body) : error.body) as RefusalBody | undefined;
  return { code: error.code ?? 0, message: body?.message ?? '', reason: body?.reason ?? '', body: body ?? {} };
}

export interface RefusalBody {
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly causes?: readonly { readonly field?: string }[] };
}

/** Waits for a condition; the test's own time-out ends a wait in vain. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(10);
}

async function program(folder: string, name: string, script: string): Promise<void> {
  const file = join(folder, name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}

function access(rules: readonly Rule[]): unknown[] {
  const named = { name: ACCOUNT, namespace: NAMESPACE };
  const rbac = 'rbac.authorization.k8s.io';
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: named },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    { apiVersion: `${rbac}/v1`, kind: 'Role', metadata: named, rules },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: named,
      roleRef: { apiGroup: rbac, kind: 'Role', name: ACCOUNT },
      subjects: [{ kind: 'ServiceAccount', ...named }],
    },
  ];
}
