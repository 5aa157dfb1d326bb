import { k8s } from 'cdk8s-plus-30';
import { Construct } from 'constructs';
import { DisruptionBudget } from '../constructs/disruption-budget.js';
import { HttpIngress } from '../constructs/http-ingress.js';
import { httpProbes } from '../constructs/http-probes.js';
import { labelsOf } from '../constructs/labels.js';
import { quantities } from '../constructs/quantities.js';
import { restrictedContainer, restrictedPod } from '../constructs/restricted.js';
import { Workload } from '../constructs/workload.js';
import { WorkloadService } from '../constructs/workload-service.js';
import { pullPolicy } from '../model/image.js';
import { bridgeReasons, bridgeRules } from './bridge-role.js';
import type { BridgeData } from './terminal.js';

/** Name of the bridge's Deployment, Service, ServiceAccount, Role and image. */
export const BRIDGE_NAME = 'web-terminal-service';

/** Ports of the bridge: `http` for users, `ops` for probes and metrics, which no Service opens. */
export const BRIDGE_PORTS = { http: 3000, ops: 9090 } as const;

const USERS = { secret: 'terminal-users', path: '/etc/berth/users' } as const;
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface BridgeProps {
  readonly namespace: string;
  readonly bridge: BridgeData;
}

/** The bridge: who it is, what it may do, its Deployment and the port that users open. */
export class Bridge extends Construct {
  constructor(scope: Construct, id: string, { namespace, bridge }: BridgeProps) {
    super(scope, id);
    const { entrance } = bridge;
    const metadata = { name: BRIDGE_NAME, labels: labelsOf(this, BRIDGE_NAME) };
    new k8s.KubeServiceAccount(this, 'service-account', { metadata, automountServiceAccountToken: false });
    new k8s.KubeRole(this, 'role', { metadata: { ...metadata, annotations: bridgeReasons() }, rules: bridgeRules() });
    new k8s.KubeRoleBinding(this, 'role-binding', {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: BRIDGE_NAME },
      subjects: [{ kind: 'ServiceAccount', name: BRIDGE_NAME, namespace }],
    });
    const workload = new Workload(this, BRIDGE_NAME, { replicas: bridge.replicas, pod: bridgePod(namespace, bridge) });
    new DisruptionBudget(workload, 'budget');
    new WorkloadService(workload, 'service', {
      ports: [
        { name: 'http', port: BRIDGE_PORTS.http, ...(entrance.kind === 'node-port' && { nodePort: entrance.port }) },
      ],
    });
    if (entrance.kind === 'ingress') new HttpIngress(workload, 'ingress', { ...entrance, port: 'http' });
  }
}

function bridgePod(namespace: string, bridge: BridgeData): k8s.PodSpec {
  return restrictedPod({
    serviceAccountName: BRIDGE_NAME,
    terminationGracePeriodSeconds: bridge.drainSeconds + 10,
    containers: [
      restrictedContainer({
        name: 'bridge',
        image: bridge.image,
        imagePullPolicy: pullPolicy(bridge.image),
        ports: Object.entries(BRIDGE_PORTS).map(([name, containerPort]) => ({ name, containerPort })),
        env: Object.entries(bridgeEnvironment(namespace, bridge)).map(([name, value]) => ({
          name,
          value: String(value),
        })),
        ...httpProbes({ port: 'ops', live: '/healthz', ready: '/readyz' }),
        resources: { requests: quantities(bridge.requests), limits: quantities(bridge.limits) },
        volumeMounts: [
          { name: 'users', mountPath: USERS.path, readOnly: true },
          { name: 'token', mountPath: TOKEN_PATH, readOnly: true },
          { name: 'tmp', mountPath: '/tmp' },
        ],
      }),
    ],
    volumes: [
      // Optional: without users the bridge is ready and its page says how to add one. Group-readable, for fsGroup.
      { name: 'users', secret: { secretName: USERS.secret, optional: true, defaultMode: 0o440 } },
      { name: 'token', projected: { defaultMode: 0o440, sources: tokenSources(bridge.tokenSeconds) } },
      { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('64Mi') } },
    ],
  });
}

/** What Kubernetes would mount by itself, with a lifetime of our own choice. */
function tokenSources(expirationSeconds: number): k8s.VolumeProjection[] {
  return [
    { serviceAccountToken: { path: 'token', expirationSeconds } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    {
      downwardApi: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] },
    },
  ];
}

/** The bridge's settings by the names that it reads. */
function bridgeEnvironment(namespace: string, bridge: BridgeData): Record<string, string | number> {
  return {
    NODE_ENV: 'production',
    HOST: '0.0.0.0',
    PORT: BRIDGE_PORTS.http,
    OPS_PORT: BRIDGE_PORTS.ops,
    NAMESPACE: namespace,
    USERS_DIR: USERS.path,
    ALLOWED_ORIGINS: bridge.allowedOrigins.join(','),
    ...(bridge.basePath !== '' && { BASE_PATH: bridge.basePath }),
    // Hops: nobody but the controller reaches the bridge then.
    TRUST_PROXY: bridge.entrance.kind === 'ingress' ? 1 : 0,
    SESSIONS_PER_USER: bridge.sessionsPerUser,
    VIEWERS_PER_SESSION: bridge.viewersPerSession,
    LOGIN_ATTEMPTS_PER_MINUTE: bridge.loginAttemptsPerMinute,
    START_LIMIT_SECONDS: bridge.startSeconds,
    FINISHED_TTL_SECONDS: bridge.finishedSeconds,
    DRAIN_SECONDS: bridge.drainSeconds,
    LOG_LEVEL: bridge.logLevel,
  };
}
