import type { Construct } from 'constructs';
import { Config } from '../constructs/config.js';
import { SecretFromStore } from '../constructs/secret-from-store.js';
import { AppRoute } from './app-route.js';
import { AppWorkload } from './app-workload.js';
import { addressVariables } from './endpoints.js';
import { PartChart } from './part-chart.js';
import type { Platform, Tier } from './platform.js';
import { SECRET_STORE } from './cluster-chart.js';

export interface DomainChartProps {
  readonly platform: Platform;
  readonly domain: string;
  readonly tier: Tier;
}

/** A domain: its settings, its secrets, its API and workers, and the API's route. */
export class DomainChart extends PartChart {
  constructor(scope: Construct, id: string, { platform, domain, tier }: DomainChartProps) {
    super(scope, id, { platform, namespace: domain, tier });
    const apps = platform.apps.filter((app) => app.domain === domain);
    const calls = apps.flatMap((app) => app.calls);
    const keys = [...new Set(apps.flatMap(({ secrets = [] }) => secrets))];
    const config = new Config(this, `${domain}-config`, {
      environment: {
        ENVIRONMENT: platform.cluster.environment,
        REGION: platform.provider.region,
        ...addressVariables(platform, calls),
        ...Object.fromEntries(apps.flatMap(({ config = {} }) => Object.entries(config))),
      },
      files: { 'logging.yaml': 'format: json\nstream: stdout\n' },
    });
    const secret =
      keys.length === 0
        ? undefined
        : new SecretFromStore(this, `${domain}-secret`, {
            store: SECRET_STORE,
            path: `${platform.secretPath}/${domain}`,
            keys,
          });
    for (const app of apps) {
      new AppWorkload(this, { platform, app, config, ...(secret && { secret }) });
      if (app.path !== undefined) new AppRoute(this, `${app.name}-route`, { platform, app, path: app.path });
    }
  }
}
