import type { V1Pod } from '@kubernetes/client-node';
import { AppsV1Api, KubeConfig, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import type { Delivery } from '../../charts/clusters/delivery.js';
import { describeDifference, differences } from '../../charts/commands/difference.js';
import { objectName } from '../../charts/commands/review.js';
import { Landscape } from '../../charts/invariants/landscape.js';
import type { Manifest } from '../../charts/invariants/manifest.js';
import type { ClusterNode } from '../../charts/model/cluster.js';
import type { RenderedFile } from '../../charts/render/render.js';
import { render } from '../../charts/render/render.js';
import { eventually } from '../cluster/eventually.js';
import { joinNodes } from './cluster-nodes.js';
import { ControlPlane } from './control-plane.js';
import type { Placement } from './placement.js';
import { look, missing, nameOf, NOT_LOOKED_AT, unscheduled } from './placement.js';
import { SidecarInjector } from './sidecar-injector.js';
import { StandIns } from './stand-ins.js';

/** A control plane of its own for one rendered cluster, with stand-ins for kubelets, volumes and sidecars; no nodes yet. */
export class PlatformStage {
  readonly landscape: Landscape;

  private constructor(
    readonly plane: ControlPlane,
    readonly config: KubeConfig,
    readonly files: readonly RenderedFile[],
    delivery: Delivery,
    private readonly standIns: StandIns,
    private readonly injector: SidecarInjector,
  ) {
    this.landscape = new Landscape(
      delivery.cluster,
      files.flatMap(({ manifests }) => manifests),
      false,
    );
  }

  static async open(delivery: Delivery): Promise<PlatformStage> {
    const files = render(delivery);
    const plane = await ControlPlane.start();
    try {
      const config = new KubeConfig();
      config.loadFromFile(plane.kubectl.kubeconfig);
      const injector = await SidecarInjector.start(plane);
      return new PlatformStage(plane, config, files, delivery, new StandIns(config), injector);
    } catch (error) {
      await plane.stop();
      throw error;
    }
  }

  async close(): Promise<void> {
    const stopped = await Promise.allSettled([this.standIns.stop(), this.injector.stop()]);
    await this.plane.stop();
    for (const each of stopped) if (each.status === 'rejected') throw each.reason;
  }

  /** Nodes of the cluster's data that satisfy the condition. */
  async join(which: (node: ClusterNode) => boolean = () => true): Promise<void> {
    const { cluster } = this.landscape;
    await joinNodes(this.config, cluster, cluster.nodes.filter(which));
  }

  /** Applies objects as Argo CD does: server-side, with strict field validation. */
  async apply(objects: readonly object[]): Promise<void> {
    await this.plane.kubectl.apply(...objects);
  }

  /** Waits until all that is asked for is there, and gives what runs where. Throws what is missing, with the reasons. */
  async complete(): Promise<Placement> {
    return this.until('everything to be placed', missing);
  }

  /** Waits until just the Pods that satisfy the condition find no node, and gives the scheduler's words for each. */
  async waiting(which: (pod: V1Pod) => boolean): Promise<readonly string[]> {
    const { pods } = await this.until('the Pods that fit nowhere, and no others, to wait', ({ pods, statefulSets }) => [
      ...pods
        .filter((pod) => which(pod) !== (pod.spec?.nodeName === undefined))
        .map((pod) => `Pod ${nameOf(pod)} is on ${pod.spec?.nodeName ?? 'no node'}`),
      ...pods
        .filter(which)
        .map(unscheduled)
        .filter((line) => line.endsWith(NOT_LOOKED_AT)),
      ...statefulSets.filter(({ spec, status }) => spec?.replicas !== status?.replicas).map(nameOf),
    ]);
    return pods.filter(which).map(unscheduled);
  }

  /** What applying these objects once more changes: a line for each field. */
  async changesOf(objects: readonly Manifest[]): Promise<readonly string[]> {
    const before = await this.stored(objects);
    await this.apply(objects);
    const after = await this.stored(objects);
    return differences(before, after).map(describeDifference);
  }

  /** Objects as the API server has them, by name, without what controllers write meanwhile. */
  private async stored(objects: readonly Manifest[]): Promise<Readonly<Record<string, object>>> {
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    const text = await this.plane.kubectl.run(['get', '-f', '-', '-o', 'json', '--show-managed-fields'], { input });
    const { items } = JSON.parse(text) as { readonly items: readonly Stored[] };
    return Object.fromEntries(
      items.map((object) => {
        const ours = object.metadata.managedFields.filter(({ manager }) => manager === 'kubectl');
        const metadata = { ...object.metadata, resourceVersion: '', managedFields: ours };
        return [objectName(object), { ...object, metadata, status: {} }];
      }),
    );
  }

  /** Makes every Deployment as large as its autoscaler may, and begins a new release of each; Pods of it are not ready. */
  async beginRelease(): Promise<void> {
    const apps = this.config.makeApiClient(AppsV1Api);
    const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
    for (const deployment of this.landscape.of('Deployment')) {
      const { name, namespace = '' } = deployment.metadata;
      const body = { spec: { replicas: this.landscape.mostReplicas(deployment) } };
      await apps.patchNamespacedDeployment({ name, namespace, body }, merge);
    }
    await this.complete();
    this.standIns.hold();
    for (const { metadata } of this.landscape.of('Deployment')) {
      const { name, namespace = '' } = metadata;
      const template = { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() } } };
      await apps.patchNamespacedDeployment({ name, namespace, body: { spec: { template } } }, merge);
    }
  }

  /** Waits until every Deployment has its old Pods and one of the new release beside them, each on a node. */
  async releaseAtItsPeak(): Promise<Placement> {
    return this.until('a release of everything at once', ({ pods, deployments }) => [
      ...pods.filter(({ spec }) => spec?.nodeName === undefined).map(unscheduled),
      ...this.landscape.of('Deployment').flatMap((own) => {
        const { name, namespace = '' } = own.metadata;
        const status = deployments.find((one) => nameOf(one) === `${namespace}/${name}`)?.status;
        const wanted = this.landscape.podSources().find(({ manifest }) => manifest === own)?.count ?? 0;
        return status?.replicas === wanted
          ? []
          : [`Deployment ${namespace}/${name}: ${status?.replicas ?? 0} of ${wanted}`];
      }),
    ]);
  }

  /** Lets what waits be ready. */
  endRelease(): void {
    this.standIns.goOn();
  }

  private async until(what: string, missing: (placement: Placement) => readonly string[]): Promise<Placement> {
    return eventually(
      what,
      async () => {
        const placement = await look(this.config);
        const lines = [...this.standIns.problems(), ...missing(placement)];
        if (lines.length > 0) throw new Error(`\n${lines.join('\n')}`);
        return placement;
      },
      { within: 60_000, every: 500 },
    );
  }
}

interface Stored extends Manifest {
  readonly metadata: Manifest['metadata'] & { readonly managedFields: readonly { readonly manager: string }[] };
}
