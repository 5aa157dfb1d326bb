import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import type { ApplicationSpec } from '../../imports/types/argoproj.io/Application.js';
import { CustomResource } from '../constructs/custom-resource.js';
import { labelsOf } from '../constructs/labels.js';
import { asText } from './argocd-install.js';
import { routeNames } from './app-route.js';
import type { HelmApplication } from './delivery-data.js';
import { namespacesOf } from './namespaces.js';
import type { Platform } from './platform.js';
import { partLabels } from './platform.js';

const NAMESPACE = 'argocd';

/** What is in no namespace and may be delivered, by API group. */
const CLUSTER_KINDS: Readonly<Record<string, readonly string[]>> = {
  '': ['Namespace'],
  'admissionregistration.k8s.io': ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
  'apiextensions.k8s.io': ['CustomResourceDefinition'],
  'apiregistration.k8s.io': ['APIService'],
  'elbv2.k8s.aws': ['IngressClassParams'],
  'external-secrets.io': ['ClusterSecretStore'],
  'networking.k8s.io': ['IngressClass'],
  'rbac.authorization.k8s.io': ['ClusterRole', 'ClusterRoleBinding'],
  'scheduling.k8s.io': ['PriorityClass'],
  'storage.k8s.io': ['CSIDriver', 'StorageClass'],
};

/**
 * What Argo CD delivers: the operators at their pinned versions, and the rest of this folder. Somebody applies this file
 * once Argo CD is there; it is not among what Argo CD delivers, so that a delivery cannot change its own rules.
 */
export class ArgocdChart extends Chart {
  constructor(scope: Construct, id: string, { platform }: { readonly platform: Platform }) {
    super(scope, id, { namespace: NAMESPACE, labels: partLabels(platform, 'infrastructure', NAMESPACE) });
    const { cluster, delivery, applications } = platform;
    const { destination } = delivery;
    new CustomResource(this, 'project', 'AppProject', {
      metadata: { name: cluster.name, labels: labelsOf(this, cluster.name) },
      spec: {
        description: `${cluster.name} in ${cluster.environment}: its own rendering and the operators it needs`,
        sourceRepos: [...new Set([delivery.repository, ...applications.map(({ source }) => source.repository)])].sort(),
        destinations: [...new Set(['kube-system', ...namespacesOf(platform).map(({ name }) => name)])]
          .sort()
          .map((namespace) => ({ server: destination, namespace })),
        clusterResourceWhitelist: Object.entries(CLUSTER_KINDS).flatMap(([group, kinds]) =>
          kinds.map((kind) => ({ group, kind })),
        ),
      },
    });
    for (const application of applications) this.operator(platform, application);
    new CustomResource(this, 'own', 'Application', {
      metadata: {
        name: `${cluster.name}-${cluster.environment}`,
        labels: labelsOf(this, cluster.name),
        annotations: wave(0),
      },
      spec: {
        project: cluster.name,
        source: {
          repoURL: delivery.repository,
          targetRevision: delivery.revision,
          path: `cdk8s.out/${cluster.name}-${cluster.environment}`,
          directory: { recurse: false, exclude: '05-*' },
        },
        destination: { server: destination },
        ...syncPolicy(platform, ['SkipDryRunOnMissingResource=true']),
        ignoreDifferences: ignored(platform),
      },
    });
  }

  private operator(platform: Platform, application: HelmApplication): void {
    const { name, namespace, source, why } = application;
    new CustomResource(this, name, 'Application', {
      metadata: {
        name,
        labels: labelsOf(this, name),
        annotations: { ...wave(application.wave), 'berth.dev/why': why },
      },
      spec: {
        project: platform.cluster.name,
        source: {
          repoURL: source.repository,
          targetRevision: source.version,
          ...('chart' in source
            ? {
                chart: source.chart,
                helm: { releaseName: name, valuesObject: source.values as Record<string, unknown> },
              }
            : {
                path: source.path,
                kustomize: {
                  namespace: source.kustomize.namespace,
                  images: [...source.kustomize.images],
                  patches: source.kustomize.patches.map(asText),
                },
              }),
        },
        destination: { server: platform.delivery.destination, namespace },
        ...syncPolicy(platform, []),
      },
    });
  }
}

/** The order in which Argo CD applies: −2 CRDs, −1 operators and namespaces, 0 stores, 1 services, 2 routes. */
export function wave(number: -2 | -1 | 0 | 1 | 2): Record<string, string> {
  return { 'argocd.argoproj.io/sync-wave': String(number) };
}

function syncPolicy({ delivery }: Platform, options: readonly string[]): Pick<ApplicationSpec, 'syncPolicy'> {
  return {
    syncPolicy: {
      ...(delivery.sync === 'automated' && { automated: { prune: true, selfHeal: true } }),
      syncOptions: ['ServerSideApply=true', 'CreateNamespace=false', ...options],
      // Until the operators have brought their kinds.
      retry: { limit: 20, backoff: { duration: '15s', factor: 2, maxDuration: '5m' } },
    },
  };
}

/** What others own: the shares of a Rollout's routes and subsets, and replicas that autoscalers set. */
function ignored({ apps }: Platform): NonNullable<ApplicationSpec['ignoreDifferences']> {
  return apps
    .filter(({ release }) => typeof release === 'object' && 'steps' in release)
    .flatMap((app) => {
      const { virtualService, destinationRule } = routeNames(app);
      const group = 'networking.istio.io';
      return [
        {
          group,
          kind: 'VirtualService',
          name: virtualService.name,
          namespace: app.domain,
          jqPathExpressions: ['.spec.http[].route[].weight'],
        },
        {
          group,
          kind: 'DestinationRule',
          name: destinationRule,
          namespace: app.domain,
          jqPathExpressions: ['.spec.subsets[].labels["rollouts-pod-template-hash"]'],
        },
      ];
    });
}
