import type { Tier } from './platform.js';

/** Something that somebody must look at. */
export interface Alert {
  readonly name: string;
  /** PromQL that yields a series for each thing that is wrong. */
  readonly when: string;
  /** How long it must be so before anybody is told. */
  readonly for: string;
  readonly severity: 'warning' | 'critical';
  /** What is wrong, in words; may use `{{ $labels.domain }}`. */
  readonly summary: string;
}

/** What is watched in each tier. */
export const TIER_ALERTS: Readonly<Record<Tier, readonly Alert[]>> = {
  'business-logic': [
    {
      name: 'ApiErrors',
      when: 'sum by (destination_service_name) (rate(istio_requests_total{reporter="destination",response_code=~"5.."}[5m])) / sum by (destination_service_name) (rate(istio_requests_total{reporter="destination"}[5m])) > 0.05',
      for: '5m',
      severity: 'critical',
      summary: 'More than 5 % of the requests to {{ $labels.destination_service_name }} fail.',
    },
    {
      name: 'ApiSlow',
      when: 'histogram_quantile(0.95, sum by (le, destination_service_name) (rate(istio_request_duration_milliseconds_bucket{reporter="destination"}[5m]))) > 1000',
      for: '10m',
      severity: 'warning',
      summary: 'One of twenty requests to {{ $labels.destination_service_name }} takes more than a second.',
    },
    absent('business-logic', 'Api', 'critical'),
  ],
  worker: [
    absent('worker', 'Worker', 'critical'),
    {
      name: 'WorkerRestarts',
      when: 'increase(kube_pod_container_status_restarts_total{container=~".+-worker"}[30m]) > 3',
      for: '5m',
      severity: 'warning',
      summary: '{{ $labels.container }} in {{ $labels.namespace }} keeps restarting.',
    },
  ],
  integration: [
    {
      name: 'QueueGrows',
      when: 'sum by (queue) (rabbitmq_detailed_queue_messages_ready) > 1000',
      for: '10m',
      severity: 'warning',
      summary: 'Queue {{ $labels.queue }} has more than 1000 messages that nobody takes.',
    },
    absent('integration', 'Integration', 'critical'),
  ],
  data: [
    absent('data', 'Store', 'critical'),
    {
      name: 'RedisNearlyFull',
      when: 'redis_memory_used_bytes / redis_memory_max_bytes > 0.9',
      for: '5m',
      severity: 'warning',
      summary: 'Redis {{ $labels.pod }} uses more than 90 % of its memory, and then takes no writes.',
    },
    {
      name: 'PostgresStandbyBehind',
      when: 'cnpg_pg_replication_lag > 30',
      for: '5m',
      severity: 'warning',
      summary: 'PostgreSQL {{ $labels.pod }} is more than 30 s behind the primary.',
    },
    {
      name: 'VolumeNearlyFull',
      when: 'kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes < 0.1',
      for: '15m',
      severity: 'critical',
      summary: 'Claim {{ $labels.persistentvolumeclaim }} in {{ $labels.namespace }} has less than 10 % left.',
    },
  ],
  observability: [
    absent('observability', 'Observer', 'warning'),
    {
      name: 'AlertsNotDelivered',
      when: 'rate(alertmanager_notifications_failed_total[5m]) > 0',
      for: '10m',
      severity: 'critical',
      summary: 'Alertmanager cannot deliver over {{ $labels.integration }}.',
    },
  ],
  infrastructure: [
    {
      name: 'DeliveryOutOfSync',
      when: 'argocd_app_info{sync_status!="Synced"} == 1',
      for: '30m',
      severity: 'warning',
      summary: 'Application {{ $labels.name }} is not what git says.',
    },
    {
      name: 'SecretNotRenewed',
      when: 'externalsecret_status_condition{condition="Ready",status="False"} == 1',
      for: '15m',
      severity: 'critical',
      summary: 'Secret {{ $labels.name }} in {{ $labels.namespace }} cannot be read from its store.',
    },
  ],
};

/** Something of a tier does not answer its scrape: it is down, or cut off. */
function absent(tier: Tier, what: string, severity: Alert['severity']): Alert {
  return {
    name: `${what}Down`,
    when: `up{tier="${tier}"} == 0`,
    for: '5m',
    severity,
    summary: '{{ $labels.pod }} in {{ $labels.namespace }} does not answer.',
  };
}
