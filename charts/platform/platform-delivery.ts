import type { App as CdkApp } from 'cdk8s';
import { ApiObject } from 'cdk8s';
import type { Delivery } from '../clusters/delivery.js';
import { argocdInstall } from './argocd-install.js';
import { ArgocdChart, wave } from './argocd-chart.js';
import { checkPlatform } from './check-platform.js';
import { ClusterChart } from './cluster-chart.js';
import { DomainChart } from './domain-chart.js';
import { GrafanaChart } from './grafana-chart.js';
import { LoggingChart } from './logging-chart.js';
import { MeshChart } from './mesh-chart.js';
import { namespacesOf } from './namespaces.js';
import { NamespacesChart } from './namespaces-chart.js';
import { OperatorsChart } from './operators-chart.js';
import type { Platform } from './platform.js';
import { PostgresChart } from './postgres-chart.js';
import { PrometheusChart } from './prometheus-chart.js';
import { RabbitmqChart } from './rabbitmq-chart.js';
import { RedisChart } from './redis-chart.js';

/** Namespaces of operators that are told nothing but their flows. */
const OPERATORS = ['platform-system', 'data-system', 'messaging-system', 'argocd'] as const;

/** A platform as files, in the order in which somebody without Argo CD would apply them. */
export function platformDelivery(platform: Platform): Delivery {
  const { cluster } = platform;
  return {
    cluster,
    folder: `${cluster.name}-${cluster.environment}`,
    problems: () => checkPlatform(platform),
    charts: (app) => {
      const props = { platform };
      new NamespacesChart(app, '00-namespaces', props);
      new ArgocdChart(app, '05-argocd', props);
      new ClusterChart(app, '10-cluster', props);
      // A loose environment opens its operators' namespaces together with all others.
      if (platform.networkPolicy === 'strict')
        OPERATORS.forEach((namespace, index) => {
          new OperatorsChart(app, `${11 + index}-${namespace}`, { platform, namespace });
        });
      new MeshChart(app, '15-istio-system', props);
      new PostgresChart(app, '20-postgres', props);
      new RedisChart(app, '21-redis', props);
      new RabbitmqChart(app, '22-rabbitmq', props);
      new PrometheusChart(app, '30-prometheus', props);
      new GrafanaChart(app, '31-grafana', props);
      new LoggingChart(app, '32-logging', props);
      namespacesOf(platform)
        .filter(({ mesh }) => mesh)
        .forEach(({ name, tier }, index) => {
          new DomainChart(app, `${40 + index}-${name}`, { platform, domain: name, tier });
        });
      inWaves(app);
    },
    files: { 'argocd/kustomization.yaml': argocdInstall(platform) },
  };
}

/** Tells Argo CD the order that the file names tell people; routes come last, when what they lead to is there. */
function inWaves(app: CdkApp): void {
  for (const chart of app.charts) {
    const number = Number(chart.node.id.slice(0, 2));
    if (number === 5) continue;
    for (const object of chart.node.findAll()) {
      if (!ApiObject.isApiObject(object)) continue;
      const routing = ['VirtualService', 'DestinationRule'].includes(object.kind);
      const step = routing ? 2 : number < 20 ? -1 : number < 40 ? 0 : 1;
      for (const [key, value] of Object.entries(wave(step))) object.metadata.addAnnotation(key, value);
    }
  }
}
