import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crdFiles } from '../../charts/crds/crd-files.js';
import { goModule } from '../../charts/crds/go-module.js';
import { CRD_SOURCES } from '../../charts/crds/sources.js';
import type { Manifest } from '../../charts/invariants/manifest.js';
import { REPOSITORY } from '../cluster/cache.js';

const README = join(REPOSITORY, 'charts/clusters/eco2/README.md');
const ARGOCD = CRD_SOURCES.find(({ kinds }) => kinds.includes('Application'))!;

/** The lines of the written bootstrap, in their order, without comments and the change of folder. */
export async function bootstrapLines(): Promise<readonly string[]> {
  const block = /```sh\n(.*?)```/s.exec(await readFile(README, 'utf8'))?.[1] ?? '';
  return block
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('cd '));
}

/**
 * A copy of a rendered folder in which the one file that comes from elsewhere, Argo CD's own manifests, is there already:
 * the same file of the same version, from its Go module. Throws when the rendering names another version.
 */
export async function offlineCopy(folder: string, to: string): Promise<string> {
  await cp(join(REPOSITORY, 'cdk8s.out', folder), to, { recursive: true });
  const file = join(to, 'argocd/kustomization.yaml');
  const text = await readFile(file, 'utf8');
  const url = `https://raw.githubusercontent.com/argoproj/argo-cd/${ARGOCD.version}/manifests/install.yaml`;
  if (!text.includes(url)) throw new Error(`${file}: does not name ${url}`);
  await cp(join(goModule(ARGOCD.module, ARGOCD.version), 'manifests/install.yaml'), join(to, 'argocd/install.yaml'));
  await writeFile(file, text.replace(url, 'install.yaml'));
  return to;
}

/** The files with the CRDs that the operators' Applications bring, whole; Argo CD's own come with Argo CD. */
export function operatorCrds(): readonly string[] {
  return CRD_SOURCES.filter((source) => source !== ARGOCD).flatMap(crdFiles);
}

/** Our own objects as Argo CD applies them: everything but `05-argocd`, wave by wave. */
export function waves(manifests: readonly Manifest[]): readonly (readonly Manifest[])[] {
  const numbers = new Map<number, Manifest[]>();
  for (const manifest of manifests) {
    const wave = Number(manifest.metadata.annotations?.['argocd.argoproj.io/sync-wave'] ?? 0);
    numbers.set(wave, [...(numbers.get(wave) ?? []), manifest]);
  }
  return [...numbers.entries()].sort(([one], [other]) => one - other).map(([, objects]) => objects);
}
