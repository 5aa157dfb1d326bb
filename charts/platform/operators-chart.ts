import type { Construct } from 'constructs';
import { PartChart } from './part-chart.js';
import type { Platform } from './platform.js';

export interface OperatorsChartProps {
  readonly platform: Platform;
  readonly namespace: string;
}

/** A namespace of operators, whose own charts bring everything but the flows that they need. */
export class OperatorsChart extends PartChart {
  constructor(scope: Construct, id: string, { platform, namespace }: OperatorsChartProps) {
    super(scope, id, { platform, namespace, tier: 'infrastructure' });
  }
}
