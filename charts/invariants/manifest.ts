/*
 * Rendered objects as the rules read them: plain JSON, every field optional that a broken manifest may lack.
 * Only what a rule looks at is named here; the schema of every field is checked elsewhere.
 */

export type Labels = Readonly<Record<string, string>>;

/** What every rendered object has. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Labels;
    readonly annotations?: Labels;
  };
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly imagePullPolicy?: string;
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  readonly env?: readonly {
    readonly name: string;
    readonly valueFrom?: {
      readonly secretKeyRef?: { readonly name: string };
      readonly configMapKeyRef?: { readonly name: string; readonly key: string };
    };
  }[];
  readonly envFrom?: readonly {
    readonly secretRef?: { readonly name: string };
    readonly configMapRef?: { readonly name: string };
  }[];
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string | number>>;
    readonly limits?: Readonly<Record<string, string | number>>;
  };
  readonly startupProbe?: object;
  readonly readinessProbe?: object;
  readonly livenessProbe?: object;
  readonly securityContext?: SecurityContext & {
    readonly allowPrivilegeEscalation?: boolean;
    readonly privileged?: boolean;
    readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
  };
}

export interface SecurityContext {
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly seccompProfile?: { readonly type: string };
}

/** A volume; its kind is the key beside `name`. */
export interface Volume {
  readonly name: string;
  readonly secret?: { readonly secretName: string };
  readonly configMap?: { readonly name: string };
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly projected?: {
    readonly sources?: readonly {
      readonly secret?: { readonly name: string };
      readonly configMap?: { readonly name: string };
    }[];
  };
}

export interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
  readonly serviceAccountName?: string;
  readonly priorityClassName?: string;
  readonly runtimeClassName?: string;
  readonly nodeSelector?: Labels;
  readonly tolerations?: readonly { readonly key?: string; readonly operator?: string; readonly value?: string }[];
  readonly affinity?: {
    readonly podAntiAffinity?: { readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly object[] };
  };
  readonly securityContext?: SecurityContext;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
}

export interface PodTemplateBody {
  readonly metadata?: { readonly labels?: Labels; readonly annotations?: Labels };
  readonly spec: PodSpec;
}

interface Selector {
  readonly matchLabels?: Labels;
}

interface ClaimSpec {
  readonly storageClassName?: string;
  readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
}

interface NetworkPeer {
  readonly namespaceSelector?: Selector;
  readonly podSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

export interface NetworkRule {
  readonly from?: readonly NetworkPeer[];
  readonly to?: readonly NetworkPeer[];
  readonly ports?: readonly { readonly port?: number | string; readonly protocol?: string }[];
}

interface Workload extends Manifest {
  readonly spec: {
    readonly replicas?: number;
    readonly selector: Selector;
    readonly template: PodTemplateBody;
  };
}

/** The kinds that rules look into. */
export interface Kinds {
  Namespace: Manifest;
  Deployment: Workload & {
    readonly spec: {
      readonly strategy?: { readonly type?: string; readonly rollingUpdate?: { readonly maxSurge?: number | string } };
    };
  };
  StatefulSet: Workload & {
    readonly spec: {
      readonly serviceName: string;
      readonly volumeClaimTemplates?: readonly {
        readonly metadata: { readonly name: string };
        readonly spec: ClaimSpec;
      }[];
    };
  };
  DaemonSet: Workload;
  ConfigMap: Manifest & { readonly data?: Readonly<Record<string, string>> };
  PodTemplate: Manifest & { readonly template: PodTemplateBody };
  PersistentVolumeClaim: Manifest & { readonly spec: ClaimSpec };
  Service: Manifest & {
    readonly spec: {
      readonly type?: string;
      readonly selector?: Labels;
      readonly ports: readonly {
        readonly name?: string;
        readonly port: number;
        readonly targetPort?: number | string;
        readonly nodePort?: number;
      }[];
    };
  };
  Ingress: Manifest & {
    readonly spec: {
      readonly ingressClassName?: string;
      readonly rules?: readonly {
        readonly http?: {
          readonly paths: readonly {
            readonly backend: {
              readonly service?: {
                readonly name: string;
                readonly port: { readonly name?: string; readonly number?: number };
              };
            };
          }[];
        };
      }[];
    };
  };
  NetworkPolicy: Manifest & {
    readonly spec: {
      readonly podSelector: Selector;
      readonly policyTypes: readonly string[];
      readonly ingress?: readonly NetworkRule[];
      readonly egress?: readonly NetworkRule[];
    };
  };
  PodDisruptionBudget: Manifest & {
    readonly spec: {
      readonly selector: Selector;
      readonly minAvailable?: number | string;
      readonly maxUnavailable?: number | string;
    };
  };
  HorizontalPodAutoscaler: Manifest & {
    readonly spec: {
      readonly scaleTargetRef: { readonly kind: string; readonly name: string };
      readonly maxReplicas?: number;
    };
  };
  Role: RoleLike;
  ClusterRole: RoleLike;
  RoleBinding: BindingLike;
  ClusterRoleBinding: BindingLike;
  Secret: Manifest & { readonly data?: object; readonly stringData?: object };
  ResourceQuota: Manifest & {
    readonly spec: {
      readonly hard: Readonly<Record<string, string>>;
      readonly scopeSelector?: {
        readonly matchExpressions: readonly {
          readonly scopeName: string;
          readonly operator: string;
          readonly values?: readonly string[];
        }[];
      };
    };
  };
  LimitRange: Manifest & {
    readonly spec: {
      readonly limits: readonly {
        readonly type: string;
        readonly default?: Readonly<Record<string, string>>;
        readonly defaultRequest?: Readonly<Record<string, string>>;
        readonly max?: Readonly<Record<string, string>>;
      }[];
    };
  };
}

interface RoleLike extends Manifest {
  readonly rules?: readonly {
    readonly apiGroups?: readonly string[];
    readonly resources?: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

interface BindingLike extends Manifest {
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[];
}
