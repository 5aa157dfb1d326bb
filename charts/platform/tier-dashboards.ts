import type { Tier } from './platform.js';

/** A graph: what it is called, what it shows and in which unit of Grafana's. */
export interface Panel {
  readonly title: string;
  readonly query: string;
  readonly legend: string;
  readonly unit: 'reqps' | 'percentunit' | 'ms' | 's' | 'bytes' | 'short' | 'cores';
}

const CPU_AND_MEMORY = (tier: Tier): readonly Panel[] => [
  {
    title: 'CPU',
    query: `sum by (namespace) (rate(container_cpu_usage_seconds_total{container!=""}[5m]) * on (namespace) group_left () kube_namespace_labels{label_tier="${tier}"})`,
    legend: '{{namespace}}',
    unit: 'cores',
  },
  {
    title: 'Memory',
    query: `sum by (namespace) (container_memory_working_set_bytes{container!=""} * on (namespace) group_left () kube_namespace_labels{label_tier="${tier}"})`,
    legend: '{{namespace}}',
    unit: 'bytes',
  },
];

const ANSWERING = (tier: Tier): Panel => ({
  title: 'Answering',
  query: `sum by (domain) (up{tier="${tier}"})`,
  legend: '{{domain}}',
  unit: 'short',
});

/** A dashboard for each tier. */
export const TIER_PANELS: Readonly<Record<Tier, readonly Panel[]>> = {
  'business-logic': [
    requests('Requests', ''),
    requests('Failures', ',response_code=~"5.."'),
    {
      title: 'Slowest of twenty',
      query:
        'histogram_quantile(0.95, sum by (le, destination_service_name) (rate(istio_request_duration_milliseconds_bucket{reporter="destination"}[5m])))',
      legend: '{{destination_service_name}}',
      unit: 'ms',
    },
    ANSWERING('business-logic'),
    ...CPU_AND_MEMORY('business-logic'),
  ],
  worker: [
    ANSWERING('worker'),
    {
      title: 'Restarts',
      query: 'sum by (container) (increase(kube_pod_container_status_restarts_total{container=~".+-worker"}[1h]))',
      legend: '{{container}}',
      unit: 'short',
    },
    {
      title: 'CPU',
      query: 'sum by (container) (rate(container_cpu_usage_seconds_total{container=~".+-worker"}[5m]))',
      legend: '{{container}}',
      unit: 'cores',
    },
  ],
  integration: [
    {
      title: 'Messages waiting',
      query: 'sum by (queue) (rabbitmq_detailed_queue_messages_ready)',
      legend: '{{queue}}',
      unit: 'short',
    },
    ANSWERING('integration'),
    ...CPU_AND_MEMORY('integration'),
  ],
  data: [
    {
      title: 'PostgreSQL connections',
      query: 'sum by (pod) (cnpg_backends_total or pg_stat_activity_count)',
      legend: '{{pod}}',
      unit: 'short',
    },
    { title: 'Redis memory', query: 'redis_memory_used_bytes', legend: '{{pod}}', unit: 'bytes' },
    {
      title: 'Redis masters',
      query: 'count(redis_instance_info{role="master"})',
      legend: 'masters',
      unit: 'short',
    },
    ...CPU_AND_MEMORY('data'),
  ],
  observability: [
    { title: 'Series', query: 'prometheus_tsdb_head_series', legend: '{{pod}}', unit: 'short' },
    ANSWERING('observability'),
    ...CPU_AND_MEMORY('observability'),
  ],
  infrastructure: [
    {
      title: 'Applications by state',
      query: 'count by (sync_status, health_status) (argocd_app_info)',
      legend: '{{sync_status}} {{health_status}}',
      unit: 'short',
    },
    ...CPU_AND_MEMORY('infrastructure'),
  ],
};

/** A tier's dashboard as Grafana reads it: two panels a row. */
export function dashboard(tier: Tier, environment: string): string {
  const panels = TIER_PANELS[tier].map(({ title, query, legend, unit }, index) => ({
    id: index + 1,
    title,
    type: 'timeseries',
    datasource: { type: 'prometheus', uid: 'prometheus' },
    gridPos: { x: (index % 2) * 12, y: Math.floor(index / 2) * 8, w: 12, h: 8 },
    fieldConfig: { defaults: { unit }, overrides: [] },
    targets: [{ refId: 'A', expr: query, legendFormat: legend }],
  }));
  const title = `Eco² · ${tier}`;
  return `${JSON.stringify({ uid: `eco2-${tier}`, title, tags: ['eco2', environment], time: { from: 'now-6h', to: 'now' }, refresh: '1m', schemaVersion: 41, panels }, null, 1)}\n`;
}

function requests(title: string, filter: string): Panel {
  return {
    title,
    query: `sum by (destination_service_name) (rate(istio_requests_total{reporter="destination"${filter}}[5m]))`,
    legend: '{{destination_service_name}}',
    unit: 'reqps',
  };
}
