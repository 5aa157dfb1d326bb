import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ECO2_DEV } from '../../charts/clusters/eco2/dev.js';
import { ECO2_PROD } from '../../charts/clusters/eco2/prod.js';
import { platformDelivery } from '../../charts/platform/platform-delivery.js';
import { listFiles, writeOutput } from '../../charts/render/output.js';
import { MARK } from '../../charts/render/render.js';
import { synth } from '../../charts/render/synth.js';
import { SynthError } from '../../charts/render/synth-error.js';
import { patched } from '../charts/patched.js';
import { complaints } from './rendered-eco2.js';

const index = (name: string) => ECO2_PROD.apps.findIndex((app) => app.name === name);
const CHAT = `apps.${index('chat-api')}`;
const WORKER = `apps.${index('chat-worker')}`;
const LOCATION = `apps.${index('location-api')}`;

const CASES: readonly (readonly [story: string, path: string, value: unknown, says: string])[] = [
  [
    'an even number of Sentinels',
    'redis.replicas',
    4,
    'redis.replicas = 4: Sentinels vote: want an odd number, at least 3',
  ],
  ['a quorum that is no majority', 'redis.quorum', 1, 'redis.quorum = 1: want the majority of 3: 2'],
  ['a canary weight of 110', `${CHAT}.canary.weight`, 110, 'apps.chat-api.canary.weight = 110: want a percentage'],
  [
    'a canary step of 110',
    `${LOCATION}.release.steps`,
    [110],
    'apps.location-api.release.steps = 110: want a percentage',
  ],
  [
    'a canary without a second version',
    `${CHAT}.canary`,
    undefined,
    'apps.chat-api.canary = undefined: belongs to a release of two',
  ],
  [
    'a toleration for a pool that does not exist',
    'placement.worker',
    'gpu',
    'placement.worker = "gpu": no pool to tolerate',
  ],
  [
    'a workload without requests',
    `${WORKER}.requests`,
    {},
    'apps.chat-worker.requests.memory = undefined: want a quantity',
  ],
  ['a request above its limit', `${WORKER}.requests.memory`, '9Gi', 'must not exceed the limit 2Gi'],
  [
    'a flow to a Service that is not there',
    `${WORKER}.calls.0`,
    'mysql',
    'apps.chat-worker.calls = "mysql": no such Service',
  ],
  ['two apps of one name', `${WORKER}.name`, 'chat-api', 'apps.name = "chat-api": must be unique'],
  ['two routes of one path', `${CHAT}.path`, '/api/v1/my', 'apps.path = "/api/v1/my": must be unique'],
  ['a worker that is published', `${WORKER}.path`, '/work', 'apps.chat-worker.path = "/work": only what serves http'],
  ['an image without a tag', `${CHAT}.image`, 'registry.example.org/chat', 'apps.chat-api.image'],
  ['a scale upside down', `${CHAT}.scale.min`, 9, 'apps.chat-api.scale.min = 9: must not exceed scale.max'],
  ['half a Pod', `${WORKER}.scale.replicas`, 0.5, 'apps.chat-worker.scale.replicas = 0.5: want a whole number'],
  ['two autoscalers of one app', `${CHAT}.vertical`, 'Initial', 'must not be resized as well'],
  [
    'one copy that is called highly available',
    'postgres.instances',
    1,
    'postgres.instances = 1: high availability needs',
  ],
  ['an even RabbitMQ', 'rabbitmq.replicas', 2, 'rabbitmq.replicas = 2: quorum queues vote'],
  ['prod on a branch', 'delivery.revision', 'main', 'delivery.revision = "main": a manual delivery is pinned'],
  ['an operator without a version', 'applications.0.source.version', '3.x', 'applications.calico.version = "3.x"'],
  ['two pools of one name', 'pools.1.name', 'data', 'pools.name = "data": must be unique'],
  ['a pool without nodes', 'pools.1.machines', {}, 'pools.app.machines = {}: want at least one node'],
  ['a sidecar without size', 'sidecar.requests', {}, 'sidecar.requests.cpu = undefined'],
];

test.each(CASES)('a platform is refused: %s', (_, path, value, says) => {
  const told = complaints(patched(ECO2_PROD, path, value));
  expect(told).toContainEqual(expect.stringContaining(says));
  expect(told.every((line) => line.startsWith('eco2/prod '))).toBe(true);
});

test('everything that is wrong is told at once, for every environment, and the output stays as it was', () => {
  const folder = mkdtempSync(join(tmpdir(), 'eco2-'));
  const output = join(folder, 'out');
  try {
    writeOutput(output, [{ path: '00-a.k8s.yaml', text: `# ${MARK}\n`, manifests: [] }]);
    const prod = patched(patched(ECO2_PROD, 'redis.replicas', 4), `${CHAT}.canary.weight`, 110);
    const dev = patched(ECO2_DEV, 'placement.data', 'disks');
    const attempt = () => writeOutput(output, synth([platformDelivery(prod), platformDelivery(dev)]));
    expect(attempt).toThrow(SynthError);
    expect(attempt).toThrow(/canary\.weight = 110[^]*redis\.replicas = 4[^]*eco2\/dev placement\.data = "disks"/);
    expect(listFiles(output)).toEqual(['00-a.k8s.yaml']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what only the rendering shows is refused as well: nodes that are too few for what is asked', () => {
  const small = patched(
    ECO2_PROD,
    'cluster.nodes',
    ECO2_PROD.cluster.nodes.filter(({ name }) => name !== 'k8s-storage-3'),
  );
  const told = complaints(small);
  expect(told).toContainEqual(expect.stringMatching(/Cluster\/postgres: pods-fit-nodes: 1 of its Pods find no node/));
});
