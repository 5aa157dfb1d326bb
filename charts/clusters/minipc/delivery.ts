import type { Cluster } from '../../model/cluster.js';
import { checkCluster } from '../../model/cluster.js';
import { isPinnedImage, PINNED_IMAGE_RULE } from '../../model/image.js';
import { Findings } from '../../model/problem.js';
import type { Delivery } from '../delivery.js';
import { EnvironmentChart } from './environment-chart.js';
import type { MiniEnvironment } from './minipc.js';
import { ENVIRONMENTS, MINIPC } from './minipc.js';

/** Everything that is rendered for the mini PC. */
export interface MiniPcData {
  readonly cluster: Cluster;
  readonly environments: readonly MiniEnvironment[];
}

/** The mini PC's data as committed. */
export const MINIPC_DATA: MiniPcData = { cluster: MINIPC, environments: ENVIRONMENTS };

/** One node with dev, staging and prod as namespaces. */
export function miniPcDelivery({ cluster, environments }: MiniPcData): Delivery {
  return {
    cluster,
    folder: cluster.name,
    problems: () => {
      const findings = new Findings();
      findings.include('cluster', checkCluster(cluster));
      findings.unique(
        environments.map(({ name }) => name),
        'environments.name',
      );
      for (const { name, apps } of environments) {
        const names = apps.map((app) => app.name);
        findings.unique(names, `environments.${name}.apps.name`);
        for (const app of apps) {
          const field = `environments.${name}.apps.${app.name}`;
          findings.need(isPinnedImage(app.image), `${field}.image`, app.image, PINNED_IMAGE_RULE);
          for (const call of app.calls ?? [])
            findings.need(
              names.includes(call),
              `${field}.calls`,
              call,
              `no such Service: want one of ${names.join(', ')}`,
            );
        }
      }
      return findings.problems;
    },
    charts: (app) => {
      environments.forEach((environment, index) => {
        new EnvironmentChart(app, `${10 * (index + 1)}-${environment.name}`, environment);
      });
    },
  };
}
