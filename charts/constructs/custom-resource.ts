import type { ApiObjectMetadata } from 'cdk8s';
import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import type { ApplicationSpec } from '../../imports/types/argoproj.io/Application.js';
import type { AppProjectSpec } from '../../imports/types/argoproj.io/AppProject.js';
import type { RolloutSpec } from '../../imports/types/argoproj.io/Rollout.js';
import type { VerticalPodAutoscalerSpec } from '../../imports/types/autoscaling.k8s.io/VerticalPodAutoscaler.js';
import type { ClusterSecretStoreSpec } from '../../imports/types/external-secrets.io/ClusterSecretStore.js';
import type { ExternalSecretSpec } from '../../imports/types/external-secrets.io/ExternalSecret.js';
import type { AlertmanagerSpec } from '../../imports/types/monitoring.coreos.com/Alertmanager.js';
import type { PodMonitorSpec } from '../../imports/types/monitoring.coreos.com/PodMonitor.js';
import type { PrometheusRuleSpec } from '../../imports/types/monitoring.coreos.com/PrometheusRule.js';
import type { PrometheusSpec } from '../../imports/types/monitoring.coreos.com/Prometheus.js';
import type { ServiceMonitorSpec } from '../../imports/types/monitoring.coreos.com/ServiceMonitor.js';
import type { DestinationRuleSpec } from '../../imports/types/networking.istio.io/DestinationRule.js';
import type { GatewaySpec } from '../../imports/types/networking.istio.io/Gateway.js';
import type { VirtualServiceSpec } from '../../imports/types/networking.istio.io/VirtualService.js';
import type { ClusterSpec } from '../../imports/types/postgresql.cnpg.io/Cluster.js';
import type { RabbitmqClusterSpec } from '../../imports/types/rabbitmq.com/RabbitmqCluster.js';
import type { PeerAuthenticationSpec } from '../../imports/types/security.istio.io/PeerAuthentication.js';

/** The kinds that operators bring, and what each one's `spec` is. */
export interface CustomKinds {
  readonly Alertmanager: AlertmanagerSpec;
  readonly Application: ApplicationSpec;
  readonly AppProject: AppProjectSpec;
  readonly Cluster: ClusterSpec;
  readonly ClusterSecretStore: ClusterSecretStoreSpec;
  readonly DestinationRule: DestinationRuleSpec;
  readonly ExternalSecret: ExternalSecretSpec;
  readonly Gateway: GatewaySpec;
  readonly PeerAuthentication: PeerAuthenticationSpec;
  readonly PodMonitor: PodMonitorSpec;
  readonly Prometheus: PrometheusSpec;
  readonly PrometheusRule: PrometheusRuleSpec;
  readonly RabbitmqCluster: RabbitmqClusterSpec;
  readonly Rollout: RolloutSpec;
  readonly ServiceMonitor: ServiceMonitorSpec;
  readonly VerticalPodAutoscaler: VerticalPodAutoscalerSpec;
  readonly VirtualService: VirtualServiceSpec;
}

/** The version of each kind that the API server stores; a test compares them with imports/. */
export const API_VERSIONS: Readonly<Record<keyof CustomKinds, string>> = {
  Alertmanager: 'monitoring.coreos.com/v1',
  Application: 'argoproj.io/v1alpha1',
  AppProject: 'argoproj.io/v1alpha1',
  Cluster: 'postgresql.cnpg.io/v1',
  ClusterSecretStore: 'external-secrets.io/v1',
  DestinationRule: 'networking.istio.io/v1',
  ExternalSecret: 'external-secrets.io/v1',
  Gateway: 'networking.istio.io/v1',
  PeerAuthentication: 'security.istio.io/v1',
  PodMonitor: 'monitoring.coreos.com/v1',
  Prometheus: 'monitoring.coreos.com/v1',
  PrometheusRule: 'monitoring.coreos.com/v1',
  RabbitmqCluster: 'rabbitmq.com/v1beta1',
  Rollout: 'argoproj.io/v1alpha1',
  ServiceMonitor: 'monitoring.coreos.com/v1',
  VerticalPodAutoscaler: 'autoscaling.k8s.io/v1',
  VirtualService: 'networking.istio.io/v1',
};

export interface CustomResourceProps<Kind extends keyof CustomKinds> {
  readonly metadata: ApiObjectMetadata;
  readonly spec: CustomKinds[Kind];
}

/** An object of a kind that an operator brings, typed by its CRD. The types cost nothing when the charts run. */
export class CustomResource<Kind extends keyof CustomKinds> extends ApiObject {
  constructor(scope: Construct, id: string, kind: Kind, { metadata, spec }: CustomResourceProps<Kind>) {
    super(scope, id, { apiVersion: API_VERSIONS[kind], kind, metadata, spec });
  }
}
