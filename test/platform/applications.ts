import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { stringify } from 'yaml';
import { goModule } from '../../charts/crds/go-module.js';
import { CRD_SOURCES } from '../../charts/crds/sources.js';
import { asText } from '../../charts/platform/argocd-install.js';
import type { HelmApplication } from '../../charts/platform/delivery-data.js';

/** Modules that hold the folders of Applications without a chart, by repository. */
const MODULES: Readonly<Record<string, string>> = {
  'https://github.com/rabbitmq/cluster-operator.git': 'github.com/rabbitmq/cluster-operator/v2',
};

/** An Application whose manifests are a folder of a repository, not a Helm chart. */
export type FolderApplication = HelmApplication & {
  readonly source: Extract<HelmApplication['source'], { path: string }>;
};

/** Whether an Application's manifests can be had here. Charts cannot: nothing on this machine renders them. */
export function isFolder(application: HelmApplication): application is FolderApplication {
  return 'kustomize' in application.source;
}

/**
 * Writes what Argo CD would build for an Application into a folder, for `kubectl apply -k`: its folder of that version, and
 * our changes. Throws when that is not the version of the CRDs in imports/.
 */
export async function writeOverlay({ source }: FolderApplication, workFolder: string): Promise<void> {
  const { repository, path, version, kustomize } = source;
  const module = MODULES[repository] ?? '';
  if (!CRD_SOURCES.some((crds) => crds.module === module && crds.version === version))
    throw new Error(`${repository} ${version}: is not the version of the CRDs in imports/`);
  const overlay = {
    resources: [relative(workFolder, join(goModule(module, version), path))],
    namespace: kustomize.namespace,
    images: kustomize.images.map((image) => {
      const [name = '', newTag] = image.split(':');
      return { name, newTag };
    }),
    patches: kustomize.patches.map(asText),
  };
  await writeFile(join(workFolder, 'kustomization.yaml'), stringify(overlay));
}
