import { k8s } from 'cdk8s-plus-30';
import { Construct } from 'constructs';
import { inNoNamespace } from './no-namespace.js';
import type { Amounts } from './quantities.js';
import { quantities } from './quantities.js';

export interface NamespaceGuardProps {
  readonly namespace: string;
  /** What containers get that say nothing, and the most that one container or claim may have. */
  readonly limits: NamespaceLimits;
  /** Labels of the namespace beside part-of and Pod Security. @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** What Pod Security refuses. `privileged` refuses nothing: for what must reach into its node. @default restricted */
  readonly podSecurity?: 'restricted' | 'baseline' | 'privileged';
}

/** The numbers of a LimitRange. */
export interface NamespaceLimits {
  readonly defaultRequest: Amounts;
  readonly default: Amounts;
  readonly max: Amounts;
  /** The most storage that one claim may ask for. @default claims are not limited */
  readonly maxClaim?: string;
}

/**
 * A namespace that is closed until something opens it: Pod Security, no traffic in or out, and limits for every container.
 * Quotas (`Quota`) and flows (`Traffic`) are added to it.
 */
export class NamespaceGuard extends Construct {
  constructor(scope: Construct, id: string, props: NamespaceGuardProps) {
    super(scope, id);
    const { namespace, podSecurity = 'restricted' } = props;
    const security = ['enforce', 'audit', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, podSecurity]);
    inNoNamespace(
      new k8s.KubeNamespace(this, 'namespace', {
        metadata: {
          name: namespace,
          labels: { ...(Object.fromEntries(security) as Record<string, string>), ...props.labels },
        },
      }),
    );
    const { defaultRequest, max, maxClaim } = props.limits;
    new k8s.KubeLimitRange(this, 'limits', {
      metadata: { name: 'limits', namespace },
      spec: {
        limits: [
          {
            type: 'Container',
            defaultRequest: quantities(defaultRequest),
            default: quantities(props.limits.default),
            max: quantities(max),
          },
          ...(maxClaim === undefined
            ? []
            : [{ type: 'PersistentVolumeClaim', max: quantities({ storage: maxClaim }) }]),
        ],
      },
    });
    new k8s.KubeNetworkPolicy(this, 'default-deny', {
      metadata: { name: 'default-deny', namespace },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    });
  }
}
