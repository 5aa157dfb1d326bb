import { MINIPC_DATA, miniPcDelivery } from '../../charts/clusters/minipc/delivery.js';
import { Landscape } from '../../charts/invariants/landscape.js';
import type { Manifest } from '../../charts/invariants/manifest.js';
import { violations } from '../../charts/invariants/rule.js';
import { WORKLOAD_RULES } from '../../charts/invariants/workload-rules.js';
import type { Machine, PodToPlace } from '../../charts/model/fit.js';
import { fit } from '../../charts/model/fit.js';
import { machinesOf, podsToPlace } from '../../charts/invariants/placing.js';
import { parseQuantity } from '../../charts/model/quantity.js';
import { synth } from '../../charts/render/synth.js';
import { patched } from '../charts/patched.js';

const MANIFESTS = synth([miniPcDelivery(MINIPC_DATA)]).flatMap((file) => file.manifests);
const MINIPC = new Landscape(MINIPC_DATA.cluster, MANIFESTS, true);
const [NODE] = MINIPC_DATA.cluster.nodes;

describe('the mini PC', () => {
  test('kubectl describe node minipc: 4 CPUs, 16Gi, 110 Pods', () => {
    expect(NODE).toMatchObject({ name: 'minipc', cpu: '4', memory: '16Gi', maxPods: 110 });
  });

  test('holds a budget to the workload of its own namespace, not to one of the same name elsewhere', () => {
    const replicas = (manifest: Manifest): unknown => {
      const { kind, metadata } = manifest;
      if (metadata.name !== 'nextjs') return manifest;
      if (kind === 'Deployment') return patched(manifest, 'spec.replicas', metadata.namespace === 'dev' ? 3 : 1);
      if (kind !== 'PodDisruptionBudget') return manifest;
      return patched(patched(manifest, 'spec.maxUnavailable', undefined), 'spec.minAvailable', 1);
    };
    const landscape = new Landscape(MINIPC_DATA.cluster, MANIFESTS.map(replicas) as Manifest[], false);
    expect(violations(landscape, WORKLOAD_RULES)).toEqual(
      Array<string>(2).fill(
        'minipc/all PodDisruptionBudget/nextjs: drain: minAvailable 1 of 1 replicas, so a drain never ends',
      ),
    );
  });

  test('has dev, staging and prod as namespaces, each with a quota', () => {
    const names = MINIPC.of('Namespace').map(({ metadata }) => metadata.name);
    expect(names).toEqual(['dev', 'staging', 'prod']);
    expect(MINIPC.of('ResourceQuota').map(({ metadata }) => metadata.namespace)).toEqual(names);
  });

  test('has quotas that fit the node together, and refuses one more', () => {
    const total = (resource: string) =>
      MINIPC.of('ResourceQuota').reduce((sum, { spec }) => sum + parseQuantity(spec.hard[resource] ?? ''), 0);
    const [machine] = machinesOf(MINIPC_DATA.cluster);
    expect(total('requests.cpu')).toBeLessThanOrEqual(machine?.cpu ?? 0);
    expect(total('requests.memory')).toBeLessThanOrEqual(machine?.memory ?? 0);
    const greedy = patched(MINIPC_DATA, 'environments.0.quota', {
      pods: '6',
      'requests.cpu': '3',
      'requests.memory': '4Gi',
      'requests.storage': '10Gi',
      'limits.memory': '4Gi',
    });
    expect(() => synth([miniPcDelivery(greedy)])).toThrow(
      /quotas-fit-nodes: all quotas together promise requests\.cpu/,
    );
  });

  test('runs the seed’s eight Pods, and there is room while all are released at once', () => {
    const apps = new Set(MINIPC.podSources().map(({ manifest }) => manifest.metadata.name));
    expect([...apps].sort()).toEqual([
      'grafana',
      'jenkins',
      'mysql',
      'nextjs',
      'nginx',
      'prometheus',
      'redis',
      'spring',
    ]);
    expect(fit(machinesOf(MINIPC_DATA.cluster), podsToPlace(MINIPC)).left).toEqual([]);
  });

  test('refuses a call to an app that the environment does not have', () => {
    const bad = patched(MINIPC_DATA, 'environments.1.apps.1.calls', ['mysql']);
    expect(() => synth([miniPcDelivery(bad)])).toThrow(
      /environments\.staging\.apps\.nextjs\.calls = "mysql": no such Service/,
    );
  });
});

describe('how many Pods a node takes', () => {
  const pod = (memory: string, name = 'app'): PodToPlace => ({
    name,
    cpu: 0.01,
    memory: parseQuantity(memory),
    nodeSelector: {},
    tolerations: [],
    apart: false,
    source: undefined,
  });
  const machine = (memory: string): Machine => ({
    name: 'minipc',
    cpu: 4,
    memory: parseQuantity(memory),
    pods: 110,
    labels: {},
    taints: [],
  });
  const placed = (memory: string, pods: readonly PodToPlace[]) =>
    pods.length - fit([machine(memory)], pods).left.length;

  test('20 to 25 of 512 MB on 16 GB, of which the system keeps a part', () => {
    for (const reserved of [3.5, 4, 5]) {
      const count = placed(
        `${16 - reserved}G`,
        Array.from({ length: 40 }, () => pod('512M')),
      );
      expect([reserved, count >= 20 && count <= 25]).toEqual([reserved, true]);
    }
  });

  test('the eight of the picture on 16 GB', () => {
    const eight = ['256M', '2G', '512M', '1G', '512M', '1G', '512M', '2G'].map((memory, index) =>
      pod(memory, `pod${index}`),
    );
    expect(placed('15G', eight)).toBe(8);
  });

  test('never more than the kubelet takes, however small they are', () => {
    expect(
      placed(
        '16G',
        Array.from({ length: 200 }, () => pod('1M')),
      ),
    ).toBe(110);
  });

  test('one of a kind on a node, where two must not meet', () => {
    const apart = { ...pod('1M'), apart: true };
    expect(fit([machine('1G'), { ...machine('1G'), name: 'second' }], [apart, apart, apart]).left).toHaveLength(1);
  });
});
