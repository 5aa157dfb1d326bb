import { jest } from '@jest/globals';
import { MINIPC_DATA, miniPcDelivery } from '../../charts/clusters/minipc/delivery.js';
import { capacityLines, writeReport } from './capacity-report.js';
import { PlatformStage } from './platform-stage.js';

jest.setTimeout(180_000);

/** What k3s brings, as far as the mini PC's objects name it. */
const OF_K3S = [
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'local-path' },
    provisioner: 'rancher.io/local-path',
    volumeBindingMode: 'WaitForFirstConsumer',
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'traefik' },
    spec: { controller: 'traefik.io/ingress-controller' },
  },
];

describe('the mini PC on a real API server, with the real controllers and scheduler', () => {
  const report: string[] = [];
  let stage: PlatformStage;

  beforeAll(async () => {
    stage = await PlatformStage.open(miniPcDelivery(MINIPC_DATA));
    await stage.join();
    await stage.apply(OF_K3S);
  });

  // None, when it could not be opened: beforeAll has said why.
  afterAll(() => (stage as PlatformStage | undefined)?.close());

  test('every object is accepted, file by file', async () => {
    expect(stage.files.length).toBeGreaterThan(0);
    for (const { manifests } of stage.files) await stage.apply(manifests);
  });

  test('every Pod of dev, staging and prod finds room on the one node, within its quota', async () => {
    const placement = await stage.complete();
    report.push('As applied', ...capacityLines(placement));
    expect(placement.claims.length).toBeGreaterThan(0);
  });

  test('a second apply changes nothing', async () => {
    expect(await stage.changesOf(stage.landscape.manifests)).toEqual([]);
  });

  test('with everything at its largest, a release of everything at once finds room too', async () => {
    await stage.beginRelease();
    const placement = await stage.releaseAtItsPeak();
    report.push('', 'At its largest, in the middle of a release of everything at once', ...capacityLines(placement));
    stage.endRelease();
    await stage.complete();
    const file = await writeReport('minipc', report);
    process.stdout.write(`${file}\n${report.map((line) => `  ${line}\n`).join('')}`);
  });
});
