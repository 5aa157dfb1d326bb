import type { KubeConfig, V1PersistentVolumeClaim, V1Pod } from '@kubernetes/client-node';
import {
  ApiException,
  CoreV1Api,
  KubernetesObjectApi,
  PatchStrategy,
  setHeaderOptions,
  StorageV1Api,
} from '@kubernetes/client-node';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * What kubelets and the volume driver would do, as far as controllers wait for it: a Pod that has a node is Ready, one
 * that is told to go is gone, and a claim gets a volume once the scheduler has chosen the node of its first consumer.
 */
export class StandIns {
  private readonly core: CoreV1Api;
  private readonly storage: StorageV1Api;
  private readonly objects: KubernetesObjectApi;
  private readonly end = new AbortController();
  private readonly rounds: Promise<void>;
  private held = false;
  private failure: string | undefined;

  constructor(config: KubeConfig) {
    this.core = config.makeApiClient(CoreV1Api);
    this.storage = config.makeApiClient(StorageV1Api);
    this.objects = KubernetesObjectApi.makeApiClient(config);
    this.rounds = this.work();
    this.rounds.catch((error: unknown) => {
      this.failure = String(error);
    });
  }

  /** Returns when nothing is under way any more; throws what went wrong. */
  async stop(): Promise<void> {
    this.end.abort();
    await this.rounds;
  }

  /** What went wrong, so that nothing is done any more. */
  problems(): readonly string[] {
    return this.failure === undefined ? [] : [this.failure];
  }

  /** From now on Pods that get a node do not become Ready. */
  hold(): void {
    this.held = true;
  }

  /** Lets those Pods become Ready. */
  goOn(): void {
    this.held = false;
  }

  private async work(): Promise<void> {
    while (!this.end.signal.aborted) {
      const [pods, claims, classes] = await Promise.all([
        this.core.listPodForAllNamespaces(),
        this.core.listPersistentVolumeClaimForAllNamespaces(),
        this.storage.listStorageClass(),
      ]);
      const provisioners = new Map(classes.items.map(({ metadata, provisioner }) => [metadata?.name, provisioner]));
      await Promise.all([
        ...pods.items.map((pod) => unlessOutdated(this.asKubelet(pod))),
        ...claims.items.map((claim) =>
          unlessOutdated(this.asProvisioner(claim, provisioners.get(claim.spec?.storageClassName))),
        ),
      ]);
      await delay(200, undefined, { signal: this.end.signal }).catch(() => undefined);
    }
  }

  private async asKubelet({ metadata, spec, status }: V1Pod): Promise<void> {
    const id = { name: metadata?.name ?? '', namespace: metadata?.namespace ?? '' };
    if (spec?.nodeName === undefined) return;
    if (metadata?.deletionTimestamp !== undefined) {
      await this.core.deleteNamespacedPod({ ...id, gracePeriodSeconds: 0 });
    } else if (status?.phase === 'Pending' && !this.held) {
      const conditions = ['Initialized', 'ContainersReady', 'Ready'].map((type) => ({ type, status: 'True' }));
      const body = { status: { phase: 'Running', conditions } };
      const strategy = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch);
      await this.core.patchNamespacedPodStatus({ ...id, body }, strategy);
    }
  }

  private async asProvisioner({ metadata, spec }: V1PersistentVolumeClaim, driver: string | undefined): Promise<void> {
    const node = metadata?.annotations?.['volume.kubernetes.io/selected-node'];
    if (driver === undefined || node === undefined || spec?.volumeName !== undefined) return;
    const name = `pvc-${metadata?.uid ?? ''}`;
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name, annotations: { 'pv.kubernetes.io/provisioned-by': driver } },
      spec: {
        accessModes: spec?.accessModes,
        capacity: spec?.resources?.requests,
        claimRef: {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          name: metadata?.name,
          namespace: metadata?.namespace,
          uid: metadata?.uid,
        },
        // No kubelet ever mounts it.
        hostPath: { path: `/volumes/${name}` },
        persistentVolumeReclaimPolicy: 'Retain',
        storageClassName: spec?.storageClassName,
      },
    };
    await this.objects.create(volume);
  }
}

/** Objects change between the look at them and the deed: then the next round knows better. */
async function unlessOutdated(deed: Promise<void>): Promise<void> {
  try {
    await deed;
  } catch (error) {
    if (!(error instanceof ApiException && [404, 409].includes(error.code))) throw error;
  }
}
