import type { Labels, Manifest, PodTemplateBody } from './manifest.js';

/*
 * Objects of the operators' kinds as the rules read them: only what a rule looks at. The schema of every field is checked
 * elsewhere, against imports/.
 */

interface Amounts {
  readonly requests?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string>>;
}

interface Placed {
  readonly nodeSelector?: Labels;
  readonly tolerations?: readonly { readonly key?: string; readonly operator?: string; readonly value?: string }[];
}

interface PodsOfOperator extends Placed {
  readonly image: string;
  readonly replicas: number;
  readonly resources: Amounts;
}

/** A route's destination. */
export interface RouteDestination {
  readonly destination: {
    readonly host: string;
    readonly subset?: string;
    readonly port?: { readonly number: number };
  };
  readonly weight?: number;
}

/** The operators' kinds that rules look into. */
export interface CustomKindsRead {
  Rollout: Manifest & {
    readonly spec: {
      readonly replicas?: number;
      readonly selector: { readonly matchLabels?: Labels };
      readonly template: PodTemplateBody;
      readonly strategy: {
        readonly blueGreen?: { readonly activeService: string; readonly previewService?: string };
        readonly canary?: {
          readonly maxSurge?: number | string;
          readonly trafficRouting?: {
            readonly istio?: {
              readonly virtualService: { readonly name: string; readonly routes?: readonly string[] };
              readonly destinationRule?: {
                readonly name: string;
                readonly canarySubsetName: string;
                readonly stableSubsetName: string;
              };
            };
          };
        };
      };
    };
  };
  Cluster: Manifest & {
    readonly spec: {
      readonly instances: number;
      readonly imageName: string;
      readonly resources: Amounts;
      readonly affinity: Placed;
      readonly inheritedMetadata: { readonly labels: Labels };
      readonly storage: { readonly size: string; readonly storageClass: string };
    };
  };
  RabbitmqCluster: Manifest & {
    readonly spec: Omit<PodsOfOperator, 'nodeSelector'> & {
      readonly affinity: {
        readonly nodeAffinity: {
          readonly requiredDuringSchedulingIgnoredDuringExecution: {
            readonly nodeSelectorTerms: readonly {
              readonly matchExpressions: readonly { readonly key: string; readonly values: readonly string[] }[];
            }[];
          };
        };
      };
      readonly persistence: { readonly storage: string; readonly storageClassName: string };
    };
  };
  Prometheus: Manifest & { readonly spec: PodsOfOperator & { readonly podMetadata: { readonly labels: Labels } } };
  Alertmanager: Manifest & { readonly spec: PodsOfOperator & { readonly podMetadata: { readonly labels: Labels } } };
  ExternalSecret: Manifest & {
    readonly spec: { readonly target: { readonly name: string }; readonly secretStoreRef: { readonly name: string } };
  };
  ClusterSecretStore: Manifest;
  Gateway: Manifest & { readonly spec: { readonly servers: readonly { readonly hosts: readonly string[] }[] } };
  VirtualService: Manifest & {
    readonly spec: {
      readonly hosts: readonly string[];
      readonly gateways: readonly string[];
      readonly http: readonly {
        readonly name: string;
        readonly match?: readonly { readonly uri?: { readonly prefix: string } }[];
        readonly route: readonly RouteDestination[];
      }[];
    };
  };
  DestinationRule: Manifest & {
    readonly spec: {
      readonly host: string;
      readonly subsets?: readonly { readonly name: string; readonly labels: Labels }[];
    };
  };
  PeerAuthentication: Manifest & { readonly spec: { readonly mtls: { readonly mode: string } } };
  ServiceMonitor: Manifest & {
    readonly spec: {
      readonly selector: { readonly matchLabels: Labels };
      readonly endpoints: readonly { readonly port: string }[];
    };
  };
  PodMonitor: Manifest & {
    readonly spec: {
      readonly namespaceSelector?: { readonly matchNames: readonly string[] };
      readonly selector: { readonly matchLabels: Labels };
      readonly podMetricsEndpoints: readonly { readonly port: string }[];
    };
  };
  VerticalPodAutoscaler: Manifest & {
    readonly spec: { readonly targetRef: { readonly kind: string; readonly name: string } };
  };
  Application: Manifest & {
    readonly spec: {
      readonly ignoreDifferences?: readonly { readonly kind: string; readonly name: string }[];
    };
  };
}
