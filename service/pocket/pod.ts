import { z } from 'zod';
import type { KubeObject, Manifest } from './kube-object.js';
import { StatusError } from './status-error.js';

const text = z.string();
const quantities = z.record(text, z.union([text, z.number()]));
const key = z.looseObject({ name: text, key: text, optional: z.boolean().optional() });
const reference = z.looseObject({ name: text, optional: z.boolean().optional() });

const variable = z.looseObject({
  name: text,
  value: text.optional(),
  valueFrom: z
    .looseObject({
      fieldRef: z.looseObject({ fieldPath: text }).optional(),
      secretKeyRef: key.optional(),
      configMapKeyRef: key.optional(),
    })
    .optional(),
});

const container = z.looseObject({
  name: text.default(''),
  image: text.default(''),
  imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).optional(),
  command: z.array(text).optional(),
  args: z.array(text).optional(),
  workingDir: text.optional(),
  env: z.array(variable).optional(),
  envFrom: z
    .array(
      z.looseObject({
        prefix: text.optional(),
        secretRef: reference.optional(),
        configMapRef: reference.optional(),
      }),
    )
    .optional(),
  resources: z.looseObject({ limits: quantities.optional(), requests: quantities.optional() }).optional(),
  volumeMounts: z.array(z.looseObject({ name: text, mountPath: text, subPath: text.optional() })).optional(),
  terminationMessagePath: text.optional(),
  terminationMessagePolicy: z.enum(['File', 'FallbackToLogsOnError']).optional(),
});

const volume = z.looseObject({
  name: text,
  emptyDir: z.looseObject({}).optional(),
  secret: z.looseObject({ secretName: text, optional: z.boolean().optional() }).optional(),
  configMap: reference.optional(),
});

const toleration = z.looseObject({
  key: text.optional(),
  operator: z.enum(['Exists', 'Equal']).optional(),
  value: text.optional(),
  effect: text.optional(),
});

const spec = z.looseObject({
  containers: z.array(container).default([]),
  volumes: z.array(volume).optional(),
  nodeName: text.optional(),
  nodeSelector: z.record(text, text).optional(),
  tolerations: z.array(toleration).optional(),
  restartPolicy: z.enum(['Always', 'OnFailure', 'Never']).optional(),
  terminationGracePeriodSeconds: z.int().optional(),
  activeDeadlineSeconds: z.int().optional(),
  serviceAccountName: text.optional(),
  priorityClassName: text.optional(),
  priority: z.int().optional(),
  preemptionPolicy: text.optional(),
  runtimeClassName: text.optional(),
});

export type PodSpec = z.infer<typeof spec>;
export type Container = z.infer<typeof container>;
export type Quantities = z.infer<typeof quantities>;

/** core/v1 Pod as far as the pocket cluster acts on it; further fields are stored as they came. */
export interface Pod extends KubeObject {
  readonly spec: PodSpec;
  readonly status: PodStatus;
}

export interface PodStatus {
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  readonly conditions?: readonly PodCondition[];
  readonly reason?: string;
  readonly message?: string;
  readonly startTime?: string;
  readonly podIP?: string;
  readonly hostIP?: string;
  readonly containerStatuses?: readonly ContainerStatus[];
  readonly [field: string]: unknown;
}

export interface PodCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly lastTransitionTime: string;
  readonly lastProbeTime: null;
  readonly reason?: string;
  readonly message?: string;
}

export interface ContainerStatus {
  readonly name: string;
  readonly image: string;
  readonly imageID: string;
  readonly ready: boolean;
  readonly started: boolean;
  readonly restartCount: number;
  readonly state: ContainerState;
  readonly lastState: ContainerState;
  readonly containerID?: string;
}

export interface ContainerState {
  readonly waiting?: { readonly reason: string; readonly message?: string };
  readonly running?: { readonly startedAt: string };
  readonly terminated?: TerminatedState;
}

export interface TerminatedState {
  readonly exitCode: number;
  readonly reason: string;
  readonly message?: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly containerID?: string;
}

/** The spec of a Pod manifest with the server's defaults filled in. @throws StatusError 400 when a field has the wrong type. */
export function readPodSpec(manifest: Manifest): PodSpec {
  const parsed = spec.safeParse(manifest['spec'] ?? {});
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `spec.${issue.path.join('.')}: ${issue.message}`);
    throw StatusError.badRequest(
      `Pod in version "v1" cannot be handled as a Pod: strict decoding error: ${problems.join(', ')}`,
    );
  }
  const given = parsed.data;
  return {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
    enableServiceLinks: true,
    serviceAccountName: 'default',
    serviceAccount: given.serviceAccountName ?? 'default',
    ...given,
    containers: given.containers.map((each) => ({
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File' as const,
      imagePullPolicy: /(:latest|\/[^:@]+|^[^/:@]+)$/.test(each.image)
        ? ('Always' as const)
        : ('IfNotPresent' as const),
      ...each,
      resources: withRequests(each.resources ?? {}),
    })),
  };
}

/** A limit without a request is also the request, as in a real API server. */
function withRequests(resources: NonNullable<Container['resources']>): NonNullable<Container['resources']> {
  if (resources.limits === undefined) return resources;
  return { ...resources, requests: { ...resources.limits, ...resources.requests } };
}

/** Whether the Pod has run its course. */
export function isFinished(pod: Pod): boolean {
  return pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
}

/** `object` as the Pod it is: only Pods that passed `readPodSpec` are stored under that kind. */
export function asPod(object: KubeObject): Pod {
  return object as Pod;
}
