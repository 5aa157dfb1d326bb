import type { HelmApplication } from '../../platform/delivery-data.js';
import { EVERYWHERE } from '../../platform/placement.js';
import { podPatch } from '../../platform/argocd-install.js';
import { GATEWAY_SERVICE } from '../../platform/mesh-chart.js';

/** Where a chart's own Pods go; each chart has its own name for it. */
export interface OperatorPlacement {
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly object[];
}

export interface OperatorsProps {
  /** For operators. */
  readonly platform: OperatorPlacement;
  /** For what observability's charts run. */
  readonly observability: OperatorPlacement;
  readonly region: string;
  /** As the load balancer controller knows it, and as its instances are tagged. */
  readonly clusterName: string;
  /** Pods of each operator that can run several. */
  readonly replicas: number;
  readonly podCidr: string;
}

const ISTIO = { repository: 'https://istio-release.storage.googleapis.com/charts', version: '1.31.1' } as const;
const small = { requests: { cpu: '50m', memory: '96Mi' }, limits: { memory: '256Mi' } } as const;

/**
 * What Eco² needs that others make, pinned. Versions of operators are those of the CRDs in imports/. The CNI, the volume
 * driver and metrics-server are here too: nobody else brings them to a self-managed cluster.
 */
export function operators(props: OperatorsProps): readonly HelmApplication[] {
  const { platform, observability, region, clusterName, replicas } = props;
  const values = { ...platform, resources: small };
  return [
    {
      name: 'calico',
      namespace: 'kube-system',
      why: 'Pod network and network policies; the bootstrap installs the same version before Argo CD can run',
      source: {
        repository: 'https://docs.tigera.io/calico/charts',
        chart: 'tigera-operator',
        version: '3.30.2',
        values: {
          installation: {
            cni: { type: 'Calico' },
            calicoNetwork: { ipPools: [{ cidr: props.podCidr, encapsulation: 'VXLAN' }] },
          },
          tolerations: EVERYWHERE,
        },
      },
      wave: -2,
    },
    {
      name: 'istio-base',
      namespace: 'istio-system',
      why: 'the kinds of the mesh',
      source: { ...ISTIO, chart: 'base', values: { defaultRevision: 'default' } },
      wave: -2,
    },
    {
      name: 'istio-cni',
      namespace: 'kube-system',
      why: 'sets up the sidecars’ traffic, so that no Pod needs NET_ADMIN and all are restricted',
      source: { ...ISTIO, chart: 'cni', values: { tolerations: EVERYWHERE, resources: small } },
      wave: -1,
    },
    {
      name: 'istiod',
      namespace: 'istio-system',
      why: 'certificates, routes and sidecars',
      source: {
        ...ISTIO,
        chart: 'istiod',
        values: {
          ...platform,
          pilot: {
            cni: { enabled: true },
            autoscaleMin: replicas,
            resources: { requests: { cpu: '100m', memory: '256Mi' } },
          },
          meshConfig: { enablePrometheusMerge: false, defaultConfig: { holdApplicationUntilProxyStarts: true } },
        },
      },
      wave: -1,
    },
    {
      name: GATEWAY_SERVICE.name,
      namespace: 'istio-system',
      why: 'the way in, behind the load balancer',
      source: {
        ...ISTIO,
        chart: 'gateway',
        values: {
          ...platform,
          name: GATEWAY_SERVICE.name,
          labels: { istio: 'ingressgateway' },
          autoscaling: { minReplicas: replicas },
          service: {
            type: 'NodePort',
            ports: [
              { name: 'status-port', port: 15021, targetPort: 15021, nodePort: GATEWAY_SERVICE.statusNodePort },
              { name: 'http2', port: GATEWAY_SERVICE.port, targetPort: GATEWAY_SERVICE.port },
            ],
          },
        },
      },
      wave: -1,
    },
    {
      name: 'aws-load-balancer-controller',
      namespace: 'platform-system',
      why: 'makes the load balancer of the one Ingress',
      source: {
        repository: 'https://aws.github.io/eks-charts',
        chart: 'aws-load-balancer-controller',
        version: '1.13.4',
        values: { ...values, clusterName, region, replicaCount: replicas, defaultTargetType: 'instance' },
      },
      wave: -1,
    },
    {
      name: 'aws-ebs-csi-driver',
      namespace: 'kube-system',
      why: 'makes the volumes of gp3 claims',
      source: {
        repository: 'https://kubernetes-sigs.github.io/aws-ebs-csi-driver',
        chart: 'aws-ebs-csi-driver',
        version: '2.48.0',
        values: { controller: { ...platform, region, replicaCount: replicas }, node: { tolerateAllTaints: true } },
      },
      wave: -1,
    },
    {
      name: 'metrics-server',
      namespace: 'kube-system',
      why: 'what autoscalers and `npm run status` measure by',
      source: {
        repository: 'https://kubernetes-sigs.github.io/metrics-server',
        chart: 'metrics-server',
        version: '3.13.0',
        values: { ...values, replicas },
      },
      wave: -1,
    },
    {
      name: 'vertical-pod-autoscaler',
      namespace: 'kube-system',
      why: 'fits requests to what is used',
      source: {
        repository: 'https://charts.fairwinds.com/stable',
        chart: 'vpa',
        version: '4.8.0',
        values: { recommender: values, updater: values, admissionController: values },
      },
      wave: -1,
    },
    {
      name: 'external-secrets',
      namespace: 'platform-system',
      why: 'makes Secrets of what the secret store holds',
      source: {
        repository: 'https://charts.external-secrets.io',
        chart: 'external-secrets',
        version: '1.3.2',
        values: { ...values, installCRDs: true, replicaCount: replicas, webhook: values, certController: values },
      },
      wave: -2,
    },
    {
      name: 'prometheus-operator',
      namespace: 'platform-system',
      why: 'runs Prometheus and Alertmanager; brings kube-state-metrics and what to ask of kubelets',
      source: {
        repository: 'https://prometheus-community.github.io/helm-charts',
        chart: 'kube-prometheus-stack',
        version: '77.0.0',
        values: {
          prometheusOperator: values,
          'kube-state-metrics': { ...values, metricLabelsAllowlist: ['namespaces=[tier,domain,environment]'] },
          prometheus: { enabled: false },
          alertmanager: { enabled: false },
          grafana: { enabled: false },
          nodeExporter: { enabled: false },
          defaultRules: { create: false },
        },
      },
      wave: -2,
    },
    {
      name: 'grafana',
      namespace: 'grafana',
      why: 'shows the dashboards of the tiers',
      source: {
        repository: 'https://grafana.github.io/helm-charts',
        chart: 'grafana',
        version: '9.4.4',
        values: {
          ...observability,
          resources: small,
          admin: { existingSecret: 'grafana-admin' },
          sidecar: { dashboards: { enabled: true, label: 'grafana_dashboard' } },
          datasources: {
            'datasources.yaml': {
              apiVersion: 1,
              datasources: [
                {
                  name: 'Prometheus',
                  uid: 'prometheus',
                  type: 'prometheus',
                  isDefault: true,
                  url: 'http://prometheus-operated.prometheus.svc.cluster.local:9090',
                },
              ],
            },
          },
        },
      },
      wave: -1,
    },
    {
      name: 'cloudnative-pg',
      namespace: 'data-system',
      why: 'runs PostgreSQL as a cluster',
      source: {
        repository: 'https://cloudnative-pg.github.io/charts',
        chart: 'cloudnative-pg',
        version: '0.26.0',
        values,
      },
      wave: -2,
    },
    {
      name: 'rabbitmq-cluster-operator',
      namespace: 'messaging-system',
      why: 'runs RabbitMQ as a cluster',
      source: {
        repository: 'https://github.com/rabbitmq/cluster-operator.git',
        path: 'config/installation',
        version: 'v2.16.0',
        // As it is, it wants a namespace of its own, the image of the day, and a node without taints.
        kustomize: {
          namespace: 'messaging-system',
          images: ['rabbitmqoperator/cluster-operator:2.16.0'],
          patches: [
            {
              target: { kind: 'Namespace' },
              patch: { $patch: 'delete', apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'any' } },
            },
            podPatch({ kind: 'Deployment' }, platform),
          ],
        },
      },
      wave: -2,
    },
    {
      name: 'argo-rollouts',
      namespace: 'argocd',
      why: 'carries out blue-green and canary releases',
      source: {
        repository: 'https://argoproj.github.io/argo-helm',
        chart: 'argo-rollouts',
        version: '2.40.5',
        values: { controller: { ...values, replicas } },
      },
      wave: -2,
    },
  ];
}

/** Adds and removes nodes of the app pool's instance group, found by its tags. */
export function clusterAutoscaler({ platform, region, clusterName }: OperatorsProps): HelmApplication {
  return {
    name: 'cluster-autoscaler',
    namespace: 'kube-system',
    why: 'more app nodes when Pods find no room, fewer when nodes are idle',
    source: {
      repository: 'https://kubernetes.github.io/autoscaler',
      chart: 'cluster-autoscaler',
      version: '9.50.1',
      values: {
        ...platform,
        resources: small,
        cloudProvider: 'aws',
        awsRegion: region,
        autoDiscovery: { clusterName },
      },
    },
    wave: -1,
  };
}
