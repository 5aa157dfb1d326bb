import type { ChartProps } from 'cdk8s';
import { Chart, JsonPatch } from 'cdk8s';
import { k8s } from 'cdk8s-plus-30';
import { Construct } from 'constructs';
import type { Amounts } from './quantities.js';
import { quantities } from './quantities.js';
import { PART_OF } from './labels.js';

export interface NamespaceChartProps {
  readonly namespace: string;
  /** What containers get that say nothing, and the most that one container or claim may have. */
  readonly limits: NamespaceLimits;
  /** Labels of the namespace beside part-of and Pod Security. @default none */
  readonly labels?: Readonly<Record<string, string>>;
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
 * A namespace that is closed until something opens it: Pod Security `restricted`, no traffic in or out, and limits for
 * every container. Quotas (`Quota`) and flows (`Traffic`) are added to it.
 */
export class NamespaceChart extends Chart {
  override readonly namespace: string;

  constructor(scope: Construct, id: string, props: NamespaceChartProps) {
    const chartProps: ChartProps = { namespace: props.namespace, labels: PART_OF };
    super(scope, id, chartProps);
    this.namespace = props.namespace;

    const guard = new Construct(this, 'guard');
    const modes = ['enforce', 'audit', 'warn'];
    const security = modes.map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted'] as const);
    const namespace = new k8s.KubeNamespace(guard, 'namespace', {
      metadata: { name: props.namespace, labels: { ...Object.fromEntries(security), ...props.labels } },
    });
    // A chart stamps its namespace on every object, also on those that are in none.
    namespace.addJsonPatch(JsonPatch.remove('/metadata/namespace'));

    const { defaultRequest, max, maxClaim } = props.limits;
    new k8s.KubeLimitRange(guard, 'limits', {
      metadata: { name: 'limits' },
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
    new k8s.KubeNetworkPolicy(guard, 'default-deny', {
      metadata: { name: 'default-deny' },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    });
  }
}
