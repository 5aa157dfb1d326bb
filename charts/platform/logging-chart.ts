import type { Construct } from 'constructs';
import { k8s } from 'cdk8s-plus-30';
import { Config } from '../constructs/config.js';
import { DisruptionBudget } from '../constructs/disruption-budget.js';
import { Identity } from '../constructs/identity.js';
import { labelsOf, selectorOf } from '../constructs/labels.js';
import { probes } from '../constructs/probes.js';
import { restrictedContainer, restrictedPod } from '../constructs/restricted.js';
import { StatefulWorkload } from '../constructs/stateful-workload.js';
import { WorkloadService } from '../constructs/workload-service.js';
import { CustomResource } from '../constructs/custom-resource.js';
import { resourcesOf } from './app-workload.js';
import { PartChart } from './part-chart.js';
import { EVERYWHERE, placed } from './placement.js';
import type { Platform } from './platform.js';

const NAMESPACE = 'logging';

/**
 * Everything that containers write, in one place: Fluent Bit on every node reads the kubelet's files and sends them to
 * Elasticsearch, one Pod with a claim on observability's pool. The namespace is privileged for Fluent Bit's host path only.
 */
export class LoggingChart extends PartChart {
  constructor(scope: Construct, id: string, { platform }: { readonly platform: Platform }) {
    super(scope, id, { platform, namespace: NAMESPACE, tier: 'observability' });
    this.elasticsearch(platform);
    this.fluentBit(platform);
  }

  private elasticsearch(platform: Platform): void {
    const { elasticsearch } = platform.observability;
    const { storage, heap, image } = elasticsearch;
    const workload = new StatefulWorkload(this, 'elasticsearch', {
      replicas: 1,
      claims: [{ name: 'data', size: storage, storageClass: platform.storageClass }],
      pod: restrictedPod({
        ...placed(platform, 'observability'),
        terminationGracePeriodSeconds: 120,
        containers: [
          {
            ...restrictedContainer({ name: 'elasticsearch' }),
            image,
            imagePullPolicy: 'IfNotPresent',
            // It writes its keystore into its own configuration folder when it starts.
            securityContext: { runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            ports: [{ name: 'http', containerPort: 9200 }],
            env: Object.entries({
              'discovery.type': 'single-node',
              'node.store.allow_mmap': 'false',
              // Nobody but Fluent Bit and Grafana reaches it: see the flows.
              'xpack.security.enabled': 'false',
              ES_JAVA_OPTS: `-Xms${heap} -Xmx${heap}`,
            }).map(([name, value]) => ({ name, value })),
            ...probes({ check: { http: 'http', live: '/', ready: '/_cluster/health?local=true' }, startSeconds: 180 }),
            resources: resourcesOf(elasticsearch),
            volumeMounts: [
              { name: 'data', mountPath: '/usr/share/elasticsearch/data' },
              { name: 'tmp', mountPath: '/tmp' },
            ],
          },
        ],
        volumes: [{ name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('256Mi') } }],
      }),
    });
    new WorkloadService(workload, 'service', { ports: [{ name: 'http', port: 9200 }] });
    new DisruptionBudget(workload, 'budget');
  }

  private fluentBit(platform: Platform): void {
    const { fluentBit } = platform.observability;
    const name = 'fluent-bit';
    const config = new Config(this, 'fluent-bit-config', { files: { 'fluent-bit.yaml': fluentBitSettings(platform) } });
    const identity = new Identity(this, name, {
      clusterRules: [{ apiGroups: [''], resources: ['pods', 'namespaces'], verbs: ['get', 'list', 'watch'] }],
    });
    const labels = labelsOf(this, name);
    new k8s.KubeDaemonSet(this, 'daemon-set', {
      metadata: { name, labels },
      spec: {
        selector: { matchLabels: selectorOf(name) },
        template: {
          metadata: { labels, annotations: { 'berth.dev/config': config.version } },
          spec: {
            serviceAccountName: identity.name,
            automountServiceAccountToken: true,
            enableServiceLinks: false,
            tolerations: EVERYWHERE,
            // The kubelet's log files belong to root.
            securityContext: { runAsUser: 0, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [
              {
                name,
                image: fluentBit.image,
                imagePullPolicy: 'IfNotPresent',
                args: ['--config', '/etc/fluent-bit/fluent-bit.yaml'],
                ports: [{ name: 'http-metrics', containerPort: 2020 }],
                ...probes({ check: { http: 'http-metrics', live: '/', ready: '/api/v1/health' } }),
                resources: resourcesOf(fluentBit),
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ['ALL'], add: ['DAC_READ_SEARCH'] },
                },
                volumeMounts: [
                  { name: 'config', mountPath: '/etc/fluent-bit', readOnly: true },
                  { name: 'logs', mountPath: '/var/log', readOnly: true },
                  { name: 'state', mountPath: '/state' },
                ],
              },
            ],
            volumes: [
              config.volume(),
              { name: 'logs', hostPath: { path: '/var/log', type: 'Directory' } },
              { name: 'state', emptyDir: { sizeLimit: k8s.Quantity.fromString('256Mi') } },
            ],
          },
        },
      },
    });
    new CustomResource(this, 'monitor', 'PodMonitor', {
      metadata: { name, labels },
      spec: {
        selector: { matchLabels: selectorOf(name) },
        podTargetLabels: ['tier', 'domain', 'environment'],
        podMetricsEndpoints: [{ port: 'http-metrics', path: '/api/v1/metrics/prometheus', interval: '30s' }],
      },
    });
  }
}

/** From every container of the node, with the names and labels of its Pod, to one index a day. */
function fluentBitSettings({ cluster }: Platform): string {
  return `service:
  http_server: on
  http_port: 2020
  health_check: on
  storage.path: /state/buffer
pipeline:
  inputs:
    - name: tail
      tag: kube.*
      path: /var/log/containers/*.log
      multiline.parser: cri
      db: /state/positions.db
      storage.type: filesystem
      mem_buf_limit: 32MB
      skip_long_lines: on
  filters:
    - name: kubernetes
      match: kube.*
      merge_log: on
      annotations: off
  outputs:
    - name: es
      match: kube.*
      host: elasticsearch.${NAMESPACE}.svc.cluster.local
      port: 9200
      logstash_format: on
      logstash_prefix: ${cluster.name}-${cluster.environment}
      replace_dots: on
      suppress_type_name: on
      storage.total_limit_size: 128M
`;
}
