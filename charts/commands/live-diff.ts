import type { KubernetesObject } from '@kubernetes/client-node';
import { ApiException, KubeConfig, KubernetesObjectApi, PatchStrategy } from '@kubernetes/client-node';
import type { Delivery } from '../clusters/delivery.js';
import type { Manifest } from '../invariants/manifest.js';
import { render } from '../render/render.js';
import type { ChangedObject } from './rendering-diff.js';
import { differences } from './difference.js';
import { objectName } from './review.js';

/** What applying a rendering would change in a cluster: the API server tries it, with its defaults, and changes nothing. */
export async function diffAgainstCluster(delivery: Delivery, config: KubeConfig): Promise<readonly ChangedObject[]> {
  const client = KubernetesObjectApi.makeApiClient(config);
  const changes: ChangedObject[] = [];
  for (const manifest of render(delivery).flatMap(({ manifests }) => manifests)) {
    const change = await changeOf(client, manifest);
    if (change) changes.push({ folder: delivery.folder, object: objectName(manifest), ...change });
  }
  return changes;
}

async function changeOf(
  client: KubernetesObjectApi,
  manifest: Manifest,
): Promise<Pick<ChangedObject, 'change' | 'differences'> | undefined> {
  const object = manifest as KubernetesObject & Manifest;
  try {
    const live = await client.read<KubernetesObject>(object);
    const strategy = PatchStrategy.ServerSideApply;
    const after = await client.patch<KubernetesObject>(object, undefined, 'All', 'berth-diff', true, strategy);
    const found = differences(live, after).filter(
      ({ path }) => !SERVER_FIELDS.some((field) => path === field || path.startsWith(`${field}.`)),
    );
    return found.length === 0 ? undefined : { change: 'changed', differences: found };
  } catch (error) {
    if (isAbsent(error)) return { change: 'added', differences: [] };
    throw error;
  }
}

/** Whether there is no such object, or not even such a kind yet: its operator is not there. */
function isAbsent(error: unknown): boolean {
  if (error instanceof ApiException) return error.code === 404;
  return error instanceof Error && error.message.startsWith('Unrecognized API version and kind');
}

/** What the API server alone writes. */
const SERVER_FIELDS = ['status', 'metadata.managedFields', 'metadata.resourceVersion', 'metadata.generation'];

/** The cluster that a kubeconfig names. */
export function kubeConfig(context: string | undefined): KubeConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  if (context !== undefined) config.setCurrentContext(context);
  return config;
}
