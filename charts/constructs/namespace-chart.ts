import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { PART_OF } from './labels.js';
import type { NamespaceGuardProps } from './namespace-guard.js';
import { NamespaceGuard } from './namespace-guard.js';

/** A namespace of its own, guarded, and everything in it: one file. */
export class NamespaceChart extends Chart {
  override readonly namespace: string;

  constructor(scope: Construct, id: string, props: NamespaceGuardProps) {
    super(scope, id, { namespace: props.namespace, labels: PART_OF });
    this.namespace = props.namespace;
    new NamespaceGuard(this, 'guard', props);
  }
}
