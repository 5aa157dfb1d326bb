import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { ECO2_DEV } from '../../charts/clusters/eco2/dev.js';
import { ECO2_PROD } from '../../charts/clusters/eco2/prod.js';
import { platformDelivery } from '../../charts/platform/platform-delivery.js';
import { clusterStatus, statusLines } from '../../charts/commands/cluster-status.js';
import { describeDifference, differences } from '../../charts/commands/difference.js';
import { domainLines, domainStatus } from '../../charts/commands/domain-status.js';
import { diffAgainstCluster } from '../../charts/commands/live-diff.js';
import { changedObjects, changeLines } from '../../charts/commands/rendering-diff.js';
import { pictures, reviewed } from '../../charts/commands/written.js';
import { render } from '../../charts/render/render.js';
import { patched } from '../charts/patched.js';

const root = new URL('../..', import.meta.url).pathname;
const REVIEW = reviewed();
/** As it is rendered, without the rules of a synth: these stories are about commands alone. */
const DEV = { manifests: render(platformDelivery(ECO2_DEV)).flatMap(({ manifests }) => manifests) };

describe('what the commands write is current', () => {
  test('the review of dev and prod', () => {
    const committed = readFileSync(join(root, 'charts/clusters/eco2/review.txt'), 'utf8');
    expect(committed.trimEnd().split('\n')).toEqual(REVIEW);
  });

  test.each(Object.entries(pictures()))('%s', (name, picture) => {
    expect(readFileSync(join(root, '.github/images', name), 'utf8')).toBe(picture);
  });
});

describe('npm run review', () => {
  test.each([
    ['nodes', 'cluster.nodes: 3 → 8'],
    ['Redis', 'redis.kind: single → sentinel'],
    ['PostgreSQL', 'postgres.kind: single → ha'],
    ['replicas and HPA', 'apps.chat-api.scale.max: + 6'],
    ['resource limits', 'apps.chat-api.limits.memory: 384Mi → 1Gi'],
    ['network policy', 'networkPolicy: loose → strict'],
  ])('has a line for the row of the seed’s table: %s', (_, line) => {
    expect(REVIEW).toContain(line);
  });

  test('shows what fits where', () => {
    for (const node of [...ECO2_DEV.cluster.nodes, ...ECO2_PROD.cluster.nodes])
      expect(REVIEW).toContainEqual(expect.stringMatching(`${node.name}: [\\d.]+ of [\\d.]+ CPUs`));
  });
});

describe('npm run diff', () => {
  test('tells each field by object, entries of lists by their names', () => {
    const [, ...rest] = DEV.manifests;
    const deployment = DEV.manifests.findIndex(({ kind }) => kind === 'Deployment');
    const changed = DEV.manifests.map((one, index) => (index === deployment ? patched(one, 'spec.replicas', 5) : one));
    const { name, namespace = '' } = DEV.manifests[deployment]?.metadata ?? { name: '' };
    expect(changeLines(changedObjects('eco2-dev', DEV.manifests, changed))).toEqual([
      `eco2-dev Deployment ${namespace}/${name}: spec.replicas: 1 → 5`,
    ]);
    expect(changeLines(changedObjects('eco2-dev', DEV.manifests, rest))).toHaveLength(1);
    expect(changedObjects('eco2-dev', rest, DEV.manifests)).toMatchObject([{ change: 'added' }]);
  });

  test('does not care for the order of named entries', () => {
    const [a, b] = [
      { name: 'a', port: 1 },
      { name: 'b', port: 2 },
    ];
    expect(differences({ ports: [a, b] }, { ports: [b, a] })).toEqual([]);
    expect(differences([a, b], [{ ...a, port: 3 }, b]).map(describeDifference)).toEqual(['a.port: 1 → 3']);
  });

  test('works as a command, also for scripts', async () => {
    const run = (...words: string[]) =>
      new Promise<{ readonly code: number | string; readonly stdout: string; readonly stderr: string }>((resolve) => {
        const command = ['--no-warnings', '--loader', 'ts-node/esm', 'charts/commands/main.ts', ...words];
        const options = { cwd: root, maxBuffer: 2 ** 26 };
        execFile(process.execPath, command, options, (error, stdout, stderr) =>
          resolve({ code: error?.code ?? 0, stdout, stderr }),
        );
      });
    const [diff, live] = await Promise.all([run('diff', '--json'), run('diff', '--live', 'eco3')]);
    expect(() => JSON.parse(diff.stdout) as unknown).not.toThrow();
    expect([live.code, live.stderr]).toEqual([1, expect.stringContaining('--live "eco3": want one of')]);
  });
});

describe('against a cluster', () => {
  const asked: string[] = [];
  /** An API server with one node, one Pod and, of all that is rendered, only the Deployment chat-api, with more replicas. */
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    asked.push(`${request.method ?? ''} ${url.pathname}${decodeURIComponent(url.search)}`);
    const answer = ANSWERS[`${request.method ?? ''} ${url.pathname}`];
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { kind: 'Status', code: 404, message: 'not found' }));
  });
  let config: KubeConfig;

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    config = new KubeConfig();
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    config.loadFromClusterAndUser({ name: 'test', server: url, skipTLSVerify: true }, { name: 'nobody' });
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  test('npm run status shows context, nodes, namespaces, Pods by tier, and that there are no metrics', async () => {
    const status = await clusterStatus(config, 'ecoeco-backend');
    expect(status.podsByTier).toMatchObject({ 'business-logic': 1, worker: 0 });
    const text = statusLines(status).join('\n');
    expect(text).toMatch(/k8s-worker-1 +app +yes +v1\.34\.4 +1\/110 +10 % +50 %/);
    expect(text).toContain('metrics not available');
    expect(text).toMatch(/chat +business-logic +Active/);
    expect(asked).toContain('GET /api/v1/namespaces?labelSelector=app.kubernetes.io/part-of=ecoeco-backend');
  });

  test('npm run status -- domain chat asks by the labels of the seed’s script', async () => {
    const text = domainLines(await domainStatus(config, 'chat')).join('\n');
    expect(asked).toEqual(
      expect.arrayContaining([
        'GET /api/v1/pods?labelSelector=domain=chat,tier=business-logic',
        'GET /api/v1/pods?labelSelector=domain=chat,tier=worker',
        'GET /api/v1/services?labelSelector=domain=chat',
        'GET /api/v1/configmaps?labelSelector=domain=chat',
      ]),
    );
    expect(text).toMatch(/chat-api-1 +Running +1\/1 +2 +k8s-worker-1/);
    expect(text).toMatch(/Services\n.*\nchat +chat-api +8000, 9090/);
  });

  test('npm run diff -- --live says what is not there, and which fields an apply would change', async () => {
    const changes = await diffAgainstCluster(platformDelivery(ECO2_DEV), config);
    expect(changes.filter(({ change }) => change === 'changed')).toEqual([
      expect.objectContaining({
        object: 'Deployment chat/chat-api',
        differences: [{ path: 'spec.replicas', before: 3, after: 1 }],
      }),
    ]);
    expect(changes.filter(({ change }) => change === 'added')).toHaveLength(DEV.manifests.length - 1);
    expect(asked.filter((line) => line.startsWith('PATCH')).every((line) => line.includes('dryRun=All'))).toBe(true);
  });
});

const POD = {
  metadata: { name: 'chat-api-1', namespace: 'chat', labels: { tier: 'business-logic', domain: 'chat' } },
  spec: {
    nodeName: 'k8s-worker-1',
    containers: [{ name: 'chat-api', resources: { requests: { cpu: '100m', memory: '1Gi' } } }],
  },
  status: { phase: 'Running', containerStatuses: [{ name: 'chat-api', ready: true, restartCount: 2 }] },
};

const DEPLOYMENT = DEV.manifests.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'chat-api');

const API_RESOURCES = (groupVersion: string, kind: string, name: string, namespaced: boolean) => ({
  kind: 'APIResourceList',
  groupVersion,
  resources: [{ kind, name, namespaced, singularName: '', verbs: [] }],
});

/** What the API server of the test knows; everything else is not found. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  'GET /version': { gitVersion: 'v1.34.4' },
  'GET /api/v1/nodes': {
    items: [
      {
        metadata: { name: 'k8s-worker-1', labels: { 'node-pool': 'app' } },
        status: {
          allocatable: { cpu: '1', memory: '2Gi', pods: '110' },
          conditions: [{ type: 'Ready', status: 'True' }],
          nodeInfo: { kubeletVersion: 'v1.34.4' },
        },
      },
    ],
  },
  'GET /api/v1/namespaces': {
    items: [{ metadata: { name: 'chat', labels: { tier: 'business-logic' } }, status: { phase: 'Active' } }],
  },
  'GET /api/v1/pods': { items: [POD] },
  'GET /api/v1/services': {
    items: [{ metadata: { namespace: 'chat', name: 'chat-api' }, spec: { ports: [{ port: 8000 }, { port: 9090 }] } }],
  },
  'GET /api/v1/configmaps': {
    items: [{ metadata: { namespace: 'chat', name: 'chat-config' }, data: { REGION: 'x' } }],
  },
  'GET /apis/apps/v1': API_RESOURCES('apps/v1', 'Deployment', 'deployments', true),
  'GET /apis/apps/v1/namespaces/chat/deployments/chat-api': DEPLOYMENT && {
    ...patched(DEPLOYMENT, 'spec.replicas', 3),
    status: { replicas: 3 },
  },
  'PATCH /apis/apps/v1/namespaces/chat/deployments/chat-api': DEPLOYMENT,
};
