/** How Argo CD brings the rendering into the cluster. */
export interface DeliveryData {
  readonly repository: string;
  /** A branch that is followed, or a tag that somebody chose. */
  readonly revision: string;
  /** At once and by itself, with prune and self-heal; or when somebody says so. */
  readonly sync: 'automated' | 'manual';
  /** The API server's address as Argo CD knows this cluster. */
  readonly destination: string;
}

/** Something that Argo CD installs from its own chart or manifests, at one version. */
export interface HelmApplication {
  readonly name: string;
  readonly namespace: string;
  /** Why we have it. */
  readonly why: string;
  /** A Helm chart, or a folder of a git repository. */
  readonly source:
    | { readonly repository: string; readonly chart: string; readonly version: string; readonly values: object }
    | {
        readonly repository: string;
        readonly path: string;
        readonly version: string;
        /** What is changed of the folder's kustomization. */
        readonly kustomize: Kustomize;
      };
  /** −2: what brings CRDs; −1: operators. */
  readonly wave: -2 | -1;
}

/** The part of a kustomization that an Application may set. */
export interface Kustomize {
  readonly namespace: string;
  /** `name:tag` */
  readonly images: readonly string[];
  readonly patches: readonly KustomizePatch[];
}

/** A strategic merge patch of each object that is like `target`. */
export interface KustomizePatch {
  readonly target: { readonly kind: string; readonly name?: string };
  readonly patch: object;
}
