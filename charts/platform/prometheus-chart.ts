import type { Construct } from 'constructs';
import { CustomResource } from '../constructs/custom-resource.js';
import { Identity } from '../constructs/identity.js';
import { labelsOf } from '../constructs/labels.js';
import { runningAs } from '../constructs/restricted.js';
import { PartChart } from './part-chart.js';
import { placed } from './placement.js';
import type { Platform } from './platform.js';
import { partLabels, TIERS } from './platform.js';
import { TIER_ALERTS } from './tier-alerts.js';

const NAMESPACE = 'prometheus';

/** Prometheus and Alertmanager by their operator, what is asked of whom, and an alert rule for each tier. */
export class PrometheusChart extends PartChart {
  constructor(scope: Construct, id: string, { platform }: { readonly platform: Platform }) {
    super(scope, id, { platform, namespace: NAMESPACE, tier: 'observability' });
    const { prometheus, alertmanager } = platform.observability;
    const ofPlatform = { matchLabels: { 'app.kubernetes.io/part-of': platform.partOf } };
    const identity = new Identity(this, 'prometheus', {
      clusterRules: [
        {
          apiGroups: [''],
          resources: ['services', 'endpoints', 'pods', 'namespaces'],
          verbs: ['get', 'list', 'watch'],
        },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] },
      ],
    });
    const shared = {
      ...placed(platform, 'observability'),
      podMetadata: { labels: partLabels(platform, 'observability', NAMESPACE) },
      securityContext: { ...runningAs(1000), fsGroup: 2000 },
    };
    new CustomResource(this, 'server', 'Prometheus', {
      metadata: { name: 'prometheus', labels: labelsOf(this, 'prometheus') },
      spec: {
        ...shared,
        image: prometheus.image,
        replicas: prometheus.replicas,
        retention: prometheus.retention,
        resources: { requests: { ...prometheus.requests }, limits: { ...prometheus.limits } },
        storage: claim(platform.storageClass, prometheus.storage),
        serviceAccountName: identity.name,
        serviceMonitorNamespaceSelector: ofPlatform,
        serviceMonitorSelector: {},
        podMonitorNamespaceSelector: ofPlatform,
        podMonitorSelector: {},
        ruleNamespaceSelector: ofPlatform,
        ruleSelector: {},
        externalLabels: { platform: platform.cluster.name, environment: platform.cluster.environment },
        alerting: { alertmanagers: [{ namespace: NAMESPACE, name: 'alertmanager-operated', port: 'web' }] },
      },
    });
    new CustomResource(this, 'alertmanager', 'Alertmanager', {
      metadata: { name: 'alertmanager', labels: labelsOf(this, 'alertmanager') },
      spec: {
        ...shared,
        image: alertmanager.image,
        replicas: alertmanager.replicas,
        resources: { requests: { ...alertmanager.requests }, limits: { ...alertmanager.limits } },
        storage: claim(platform.storageClass, alertmanager.storage),
        alertmanagerConfigSelector: {},
      },
    });
    for (const name of ['prometheus', 'alertmanager'])
      this.monitorPods(name, 'web', { 'app.kubernetes.io/name': name });
    this.monitorSidecars(platform);
    for (const tier of TIERS) this.alerts(tier);
  }

  private monitorPods(name: string, port: string, labels: Record<string, string>): void {
    new CustomResource(this, `${name}-monitor`, 'PodMonitor', {
      metadata: { name, labels: labelsOf(this, name) },
      spec: {
        selector: { matchLabels: labels },
        podTargetLabels: ['tier', 'domain', 'environment'],
        podMetricsEndpoints: [{ port, interval: '30s' }],
      },
    });
  }

  /** What the mesh's sidecars count: requests, failures, durations. */
  private monitorSidecars({ partOf, apps }: Platform): void {
    new CustomResource(this, 'sidecars', 'PodMonitor', {
      metadata: { name: 'sidecars', labels: labelsOf(this, 'sidecars') },
      spec: {
        namespaceSelector: { matchNames: [...new Set(apps.map(({ domain }) => domain))] },
        selector: { matchLabels: { 'app.kubernetes.io/part-of': partOf } },
        podMetricsEndpoints: [{ port: 'http-envoy-prom', path: '/stats/prometheus', interval: '30s' }],
      },
    });
  }

  private alerts(tier: (typeof TIERS)[number]): void {
    new CustomResource(this, `${tier}-alerts`, 'PrometheusRule', {
      metadata: { name: tier, labels: { ...labelsOf(this, tier) } },
      spec: {
        groups: [
          {
            name: tier,
            rules: TIER_ALERTS[tier].map(({ name, when, for: time, severity, summary }) => ({
              alert: name,
              expr: when,
              for: time,
              labels: { severity, tier },
              annotations: { summary },
            })),
          },
        ],
      },
    });
  }
}

function claim(storageClassName: string, storage: string) {
  return { volumeClaimTemplate: { spec: { storageClassName, resources: { requests: { storage } } } } };
}
