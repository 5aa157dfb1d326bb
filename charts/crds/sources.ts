/** Where the CRDs of one operator come from: a Go module at an exact version, fetched by the ordinary Go client. */
export interface CrdSource {
  readonly module: string;
  readonly version: string;
  /** Files in the module that hold the CRDs, beside others perhaps. */
  readonly files: readonly string[];
  /** Kinds that our charts use; the version of each is the newest that the API server would serve. */
  readonly kinds: readonly string[];
  /**
   * What is kept of an object with very many alternatives: its dotted path, and the properties that we use. Others are
   * then refused by our types and our checks, though the CRD knows them.
   * @default everything
   */
  readonly keep?: Readonly<Record<string, readonly string[]>>;
}

/** The Kubernetes whose built-in kinds the schemas describe. */
export const KUBERNETES = { module: 'k8s.io/kubernetes', version: 'v1.34.4', file: 'api/openapi-spec/swagger.json' };

/** The operators whose kinds we render. Their Applications install the same versions. */
export const CRD_SOURCES: readonly CrdSource[] = [
  {
    module: 'istio.io/api',
    version: 'v1.31.1',
    files: ['kubernetes/customresourcedefinitions.gen.yaml'],
    kinds: ['Gateway', 'VirtualService', 'DestinationRule', 'PeerAuthentication'],
  },
  {
    module: 'github.com/argoproj/argo-cd/v3',
    version: 'v3.1.0',
    files: ['manifests/crds/application-crd.yaml', 'manifests/crds/appproject-crd.yaml'],
    kinds: ['Application', 'AppProject'],
  },
  {
    module: 'github.com/argoproj/argo-rollouts',
    version: 'v1.8.3',
    files: ['manifests/crds/rollout-crd.yaml'],
    kinds: ['Rollout'],
  },
  {
    module: 'github.com/external-secrets/external-secrets',
    version: 'v1.3.2',
    files: [
      'config/crds/bases/external-secrets.io_externalsecrets.yaml',
      'config/crds/bases/external-secrets.io_clustersecretstores.yaml',
    ],
    kinds: ['ExternalSecret', 'ClusterSecretStore'],
    keep: { 'spec.provider': ['aws'] },
  },
  {
    module: 'github.com/prometheus-operator/prometheus-operator',
    version: 'v0.85.0',
    files: ['alertmanagers', 'podmonitors', 'prometheuses', 'prometheusrules', 'servicemonitors'].map(
      (plural) => `example/prometheus-operator-crd/monitoring.coreos.com_${plural}.yaml`,
    ),
    kinds: ['Alertmanager', 'PodMonitor', 'Prometheus', 'PrometheusRule', 'ServiceMonitor'],
  },
  {
    module: 'github.com/cloudnative-pg/cloudnative-pg',
    version: 'v1.27.0',
    files: ['config/crd/bases/postgresql.cnpg.io_clusters.yaml'],
    kinds: ['Cluster'],
  },
  {
    module: 'github.com/rabbitmq/cluster-operator/v2',
    version: 'v2.16.0',
    files: ['config/crd/bases/rabbitmq.com_rabbitmqclusters.yaml'],
    kinds: ['RabbitmqCluster'],
  },
  {
    module: 'k8s.io/autoscaler/vertical-pod-autoscaler',
    version: 'v1.8.1',
    files: ['deploy/vpa-v1-crd-gen.yaml'],
    kinds: ['VerticalPodAutoscaler'],
  },
];
