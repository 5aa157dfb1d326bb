import { Yaml } from 'cdk8s';
import { CRD_SOURCES } from '../crds/sources.js';
import type { KustomizePatch } from './delivery-data.js';
import { placed } from './placement.js';
import type { Platform, Size } from './platform.js';

/** Argo CD's release; its CRDs in imports/ are of the same one. */
const VERSION = CRD_SOURCES.find(({ kinds }) => kinds.includes('Application'))?.version ?? '';

/** What needs more than the namespace's LimitRange gives to containers that say nothing, by workload. */
const SIZES: Readonly<Record<string, Size>> = {
  'argocd-application-controller': {
    requests: { cpu: '100m', memory: '256Mi' },
    limits: { cpu: '1', memory: '1Gi' },
  },
  'argocd-repo-server': { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '1', memory: '512Mi' } },
};

/**
 * Argo CD itself, as `kubectl apply -k` installs it: its own manifests of one version, whose Pods know nothing of our
 * pools, put where infrastructure belongs. Without that every node would refuse them, and the bootstrap would wait for ever.
 */
export function argocdInstall(platform: Platform): object {
  return {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace: 'argocd',
    resources: [`https://raw.githubusercontent.com/argoproj/argo-cd/${VERSION}/manifests/install.yaml`],
    patches: [
      ...['Deployment', 'StatefulSet'].map((kind) => podPatch({ kind }, placed(platform, 'infrastructure'))),
      ...Object.entries(SIZES).map(([name, resources]) => {
        const kind = name === 'argocd-application-controller' ? 'StatefulSet' : 'Deployment';
        return podPatch({ kind, name }, { containers: [{ name, resources }] });
      }),
    ].map(asText),
  };
}

/** A change of the Pods of workloads of one kind, or of one of them. */
export function podPatch(target: { readonly kind: string; readonly name?: string }, spec: object): KustomizePatch {
  return {
    target,
    patch: { apiVersion: 'apps/v1', kind: target.kind, metadata: { name: 'any' }, spec: { template: { spec } } },
  };
}

/** A patch as kustomize reads it: as text. */
export function asText({ target, patch }: KustomizePatch) {
  return { target: { ...target }, patch: Yaml.stringify(patch) };
}
