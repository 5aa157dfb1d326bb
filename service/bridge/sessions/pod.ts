/*
 * The part of the Kubernetes objects that sessions are made of, as JSON carries them. The contract with the rendered
 * manifests (names, labels, annotations) is in ARCHITECTURE.md.
 */

export interface ObjectMeta {
  readonly name: string;
  readonly uid?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly creationTimestamp?: string;
  /** When the object will be, or should have been, gone; set by a delete. */
  readonly deletionTimestamp?: string;
}

export interface Pod {
  readonly metadata: ObjectMeta;
  readonly spec?: PodSpec;
  readonly status?: PodStatus;
}

export interface PodSpec {
  readonly nodeName?: string;
  readonly activeDeadlineSeconds?: number;
  readonly containers: readonly { readonly name: string; readonly image?: string }[];
}

export interface PodStatus {
  readonly phase?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly startTime?: string;
  readonly conditions?: readonly PodCondition[];
  readonly containerStatuses?: readonly ContainerStatus[];
}

export interface PodCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

export interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly started?: boolean;
  readonly imageID?: string;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: { readonly startedAt?: string };
    readonly terminated?: Terminated;
  };
}

export interface Terminated {
  readonly exitCode: number;
  readonly signal?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly finishedAt?: string;
}

export interface PodTemplate {
  readonly metadata: ObjectMeta;
  readonly template?: { readonly metadata?: Partial<ObjectMeta>; readonly spec?: PodSpec };
}

/** core/v1 Event, of which only what people are told is read. */
export interface KubeEvent {
  readonly metadata: ObjectMeta;
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
}

export const LABELS = {
  app: 'app.kubernetes.io/name',
  partOf: 'app.kubernetes.io/part-of',
  managedBy: 'app.kubernetes.io/managed-by',
  session: 'berth.dev/session',
  user: 'berth.dev/user',
  profile: 'berth.dev/profile',
} as const;

export const ANNOTATIONS = {
  name: 'berth.dev/name',
  title: 'berth.dev/title',
  description: 'berth.dev/description',
  default: 'berth.dev/default',
} as const;

/** The value of `LABELS.app` on every sandbox. */
export const SANDBOX_APP = 'claudecode-sandbox';
/** The container that the keeper runs in. */
export const SANDBOX_CONTAINER = 'sandbox';

export function sandboxStatus(pod: Pod): ContainerStatus | undefined {
  return pod.status?.containerStatuses?.find(({ name }) => name === SANDBOX_CONTAINER);
}

export function condition(pod: Pod, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((known) => known.type === type);
}
