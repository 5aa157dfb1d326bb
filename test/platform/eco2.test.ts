import { jest } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { ECO2_DEV } from '../../charts/clusters/eco2/dev.js';
import { ECO2_PROD } from '../../charts/clusters/eco2/prod.js';
import type { HelmApplication } from '../../charts/platform/delivery-data.js';
import { POOL_LABEL } from '../../charts/platform/placement.js';
import type { Tier } from '../../charts/platform/platform.js';
import { platformDelivery } from '../../charts/platform/platform-delivery.js';
import { patched } from '../charts/patched.js';
import { isFolder, writeOverlay } from './applications.js';
import { bootstrapLines, offlineCopy, operatorCrds, waves } from './bootstrap.js';
import { capacityLines, derivedLines, writeReport } from './capacity-report.js';
import { operatorPods } from './operator-pods.js';
import { nameOf } from './placement.js';
import { PlatformStage } from './platform-stage.js';
import { reservedPods } from './reserved-pods.js';

jest.setTimeout(180_000);

describe.each([
  ['eco2-dev', ECO2_DEV],
  ['eco2-prod', ECO2_PROD],
])('%s on a real API server, with the real controllers and scheduler', (folder, platform) => {
  const report: string[] = [];
  const absent = platform.applications.filter((application) => !isFolder(application));
  const inDataPool = (labels: Readonly<Record<string, string>> = {}): boolean => labels[POOL_LABEL] === 'data';
  /** By the platform's data, whatever the Pod itself says; undefined for a DaemonSet's, which are everywhere. */
  const declaredPool = ({ metadata }: V1Pod): string | undefined => {
    if (metadata?.ownerReferences?.some(({ kind }) => kind === 'DaemonSet') === true) return undefined;
    // RabbitMQ is of the integration tier and keeps its files where the stores do; others' Pods have no tier.
    const tier = metadata?.namespace === 'rabbitmq' ? 'data' : (metadata?.labels?.['tier'] ?? 'infrastructure');
    return platform.placement[tier as Tier];
  };
  let stage: PlatformStage;

  beforeAll(async () => {
    operatorCrds(); // fetches what is not in the module cache yet: minutes on a new machine
    stage = await PlatformStage.open(platformDelivery(platform));
    await stage.join(({ labels }) => !inDataPool(labels));
  }, 600_000);

  // None, when it could not be opened: beforeAll has said why.
  afterAll(() => (stage as PlatformStage | undefined)?.close());

  test('the written bootstrap works line by line, from nothing to a running Argo CD and its Applications', async () => {
    const { kubectl, folder: work } = stage.plane;
    const copy = await offlineCopy(folder, join(work, folder));
    const lines = await bootstrapLines();
    expect(lines).toHaveLength(4);
    for (const line of lines) {
      await kubectl.paste(`cd '${copy}' && ${line}`);
      await stage.complete();
    }
    const { items } = await kubectl.json<{ items: readonly object[] }>('-n', 'argocd', 'get', 'applications');
    expect(items).toHaveLength(platform.applications.length + 1);
  });

  test('then every object is accepted, wave by wave, to the last field and CEL rule', async () => {
    const { kubectl, folder: work } = stage.plane;
    const apply = ['apply', '--server-side', '--force-conflicts', '--validate=strict'];
    await kubectl.run([...apply, ...operatorCrds().flatMap((file) => ['-f', file])]);
    for (const application of platform.applications.filter(isFolder)) {
      const overlay = await mkdtemp(join(work, 'application-'));
      await writeOverlay(application, overlay);
      await kubectl.run([...apply, '-k', overlay]);
    }
    const own = stage.files.filter(({ path }) => !path.includes('/05-')).flatMap(({ manifests }) => manifests);
    const inOrder = waves(own);
    expect(inOrder).toHaveLength(4);
    for (const wave of inOrder) await stage.apply(wave);
  });

  test('what only a CEL rule of a CRD forbids is refused', async () => {
    const route = stage.landscape.of('VirtualService').find(({ metadata }) => metadata.name === 'chat-vs')!;
    await expect(stage.apply([patched(route, 'spec.http.0.timeout', '0s')])).rejects.toThrow(
      'must be a valid duration greater than 1ms',
    );
  });

  test('while the pool `data` is not there, each Pod that belongs to it waits, and is named', async () => {
    const derived = operatorPods(stage.landscape, 'applied');
    await stage.apply(derived);
    const said = await stage.waiting((pod) => declaredPool(pod) === 'data');
    expect(said.length).toBeGreaterThan(4);
    for (const line of said) expect(line).toMatch(/0\/\d nodes are available: /);
  });

  test('when its nodes join, every Pod finds a node, those of operators’ resources included', async () => {
    await stage.join(({ labels }) => inDataPool(labels));
    const placement = await stage.complete();
    report.push('As applied', ...capacityLines(placement));
    const classes = new Set(placement.claims.map(({ spec }) => spec?.storageClassName));
    expect([...classes]).toEqual([platform.storageClass]);
  });

  test('a second apply changes nothing', async () => {
    expect(await stage.changesOf(stage.landscape.manifests)).toEqual([]);
  });

  test('a Pod without its toleration finds no node, and is named', async () => {
    const [deployment] = stage.landscape.of('Deployment').filter(({ metadata }) => metadata.name === 'auth-api');
    const { template } = deployment!.spec;
    const name = 'without-toleration';
    const metadata = { ...template.metadata, namespace: 'auth', name };
    await stage.apply([{ apiVersion: 'v1', kind: 'Pod', metadata, spec: { ...template.spec, tolerations: [] } }]);
    expect(await stage.waiting(({ metadata }) => metadata?.name === name)).toEqual([
      expect.stringContaining('had untolerated taint'),
    ]);
    await stage.plane.kubectl.run(['-n', 'auth', 'delete', 'pod', name]);
  });

  test('with everything at its largest, a release of everything at once finds room too', async () => {
    await stage.apply(operatorPods(stage.landscape, 'largest'));
    await stage.apply(await reservedPods(stage.config, platform, absent));
    await stage.beginRelease();
    const placement = await stage.releaseAtItsPeak();
    report.push('', 'At its largest, in the middle of a release of everything at once', ...capacityLines(placement));
    report.push('', 'Pods that stand for an operator’s, by what its resource says', ...derivedLines(placement));
    stage.endRelease();
    await stage.complete();
  });

  test('every Pod runs on the pool that its tier was declared for', async () => {
    const { nodes, pods } = await stage.complete();
    const misplaced = pods.flatMap((pod) => {
      const pool = nodes.find(({ metadata }) => metadata?.name === pod.spec?.nodeName)?.metadata?.labels?.[POOL_LABEL];
      const declared = declaredPool(pod);
      return declared === undefined || declared === pool ? [] : [`${nameOf(pod)}: on ${pool ?? ''}, not ${declared}`];
    });
    expect(pods.length).toBeGreaterThan(20);
    expect(misplaced).toEqual([]);
  });

  test('no node is full, and the report names what it does not count', async () => {
    const isReserved = ({ namespace }: HelmApplication) => platform.namespaces.some(({ name }) => name === namespace);
    const names = (some: readonly HelmApplication[]) => some.map(({ name, namespace }) => `${namespace}/${name}`);
    report.push(
      '',
      'Helm Applications, whose charts are not rendered here. Counted as all that their quotas leave them:',
    );
    report.push(...names(absent.filter(isReserved)));
    report.push(
      '',
      'Not counted, in a namespace without a quota; their DaemonSets are in what each node keeps for itself:',
    );
    report.push(...names(absent.filter((application) => !isReserved(application))));
    const file = await writeReport(folder, report);
    process.stdout.write(`${file}\n${report.map((line) => `  ${line}\n`).join('')}`);
    const { nodes, pods } = await stage.complete();
    for (const { metadata, status } of nodes) {
      const here = pods.filter(({ spec }) => spec?.nodeName === metadata?.name);
      expect(here.length).toBeLessThan(Number(status?.allocatable?.['pods']));
    }
  });
});
