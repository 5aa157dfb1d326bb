import type { Construct } from 'constructs';
import { k8s } from 'cdk8s-plus-30';
import { labelsOf } from '../constructs/labels.js';
import { SecretFromStore } from '../constructs/secret-from-store.js';
import { SECRET_STORE } from './cluster-chart.js';
import { PartChart } from './part-chart.js';
import type { Platform } from './platform.js';
import { TIERS } from './platform.js';
import { dashboard } from './tier-dashboards.js';

/** A dashboard for each tier, which Grafana's own chart finds by their label, and Grafana's first password. */
export class GrafanaChart extends PartChart {
  constructor(scope: Construct, id: string, { platform }: { readonly platform: Platform }) {
    super(scope, id, { platform, namespace: 'grafana', tier: 'observability' });
    new SecretFromStore(this, 'grafana-admin', {
      store: SECRET_STORE,
      path: `${platform.secretPath}/grafana`,
      keys: ['admin-user', 'admin-password'],
    });
    for (const tier of TIERS)
      new k8s.KubeConfigMap(this, `${tier}-dashboard`, {
        metadata: {
          name: `dashboard-${tier}`,
          labels: { ...labelsOf(this, 'grafana'), grafana_dashboard: '1' },
        },
        data: { [`${tier}.json`]: dashboard(tier, platform.cluster.environment) },
      });
  }
}
