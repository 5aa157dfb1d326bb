import { Construct } from 'constructs';
import { CustomResource } from './custom-resource.js';
import { NAME_LABEL, selectorOf } from './labels.js';
import type { StatefulWorkload } from './stateful-workload.js';
import type { Workload } from './workload.js';

export interface MonitorProps {
  /** The named port of the workload's Service. @default http-metrics */
  readonly port?: string;
  /** @default /metrics */
  readonly path?: string;
}

/** Lets Prometheus read a workload's metrics through its Service, every 30 s. */
export class Monitor extends Construct {
  constructor(
    scope: Workload | StatefulWorkload,
    id: string,
    { port = 'http-metrics', path = '/metrics' }: MonitorProps = {},
  ) {
    super(scope, id);
    const { name, labels } = scope;
    new CustomResource(this, 'monitor', 'ServiceMonitor', {
      metadata: { name, labels: { ...labels } },
      spec: {
        selector: { matchLabels: selectorOf(labels[NAME_LABEL] ?? name) },
        targetLabels: ['tier', 'domain', 'environment'],
        endpoints: [{ port, path, interval: '30s', scrapeTimeout: '10s' }],
      },
    });
  }
}
