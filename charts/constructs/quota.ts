import { k8s } from 'cdk8s-plus-30';
import { Construct } from 'constructs';
import type { Amounts } from './quantities.js';
import { quantities } from './quantities.js';

export interface QuotaProps {
  readonly hard: Amounts;
  /** @default the chart's */
  readonly namespace?: string;
  /**
   * Counts only Pods of this PriorityClass (`In`) or only the others (`NotIn`, Pods without a class included).
   * Kubernetes allows such a quota to count pods, CPU and memory and nothing else.
   * @default every object of the namespace
   */
  readonly priorityClass?: { readonly operator: 'In' | 'NotIn'; readonly name: string };
}

/** A ResourceQuota named after its construct. */
export class Quota extends Construct {
  constructor(scope: Construct, name: string, { hard, namespace, priorityClass }: QuotaProps) {
    super(scope, name);
    new k8s.KubeResourceQuota(this, 'quota', {
      metadata: { name, ...(namespace !== undefined && { namespace }) },
      spec: {
        hard: quantities(hard),
        ...(priorityClass && {
          scopeSelector: {
            matchExpressions: [
              { scopeName: 'PriorityClass', operator: priorityClass.operator, values: [priorityClass.name] },
            ],
          },
        }),
      },
    });
  }
}
