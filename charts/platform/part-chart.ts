import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { Traffic } from '../constructs/traffic.js';
import { platformFlows } from './flows.js';
import type { Platform, Tier } from './platform.js';
import { partLabels } from './platform.js';

export interface PartChartProps {
  readonly platform: Platform;
  readonly namespace: string;
  readonly tier: Tier;
}

/** One namespace's part of the platform: its labels on everything in it, and its share of the declared flows. */
export class PartChart extends Chart {
  override readonly namespace: string;

  constructor(scope: Construct, id: string, { platform, namespace, tier }: PartChartProps) {
    super(scope, id, { namespace, labels: partLabels(platform, tier, namespace) });
    this.namespace = namespace;
    // A loose environment is opened as a whole, beside its namespaces.
    if (platform.networkPolicy === 'strict') new Traffic(this, 'traffic', { flows: platformFlows(platform) });
  }
}
