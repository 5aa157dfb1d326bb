import type { KubeConfig, V1Pod } from '@kubernetes/client-node';
import { CoreV1Api } from '@kubernetes/client-node';
import { table } from './cluster-status.js';

/** One domain at a glance. */
export interface DomainStatus {
  readonly domain: string;
  readonly api: readonly PodStatus[];
  readonly worker: readonly PodStatus[];
  readonly services: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly ports: readonly number[];
  }[];
  readonly configMaps: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly keys: readonly string[];
  }[];
}

export interface PodStatus {
  readonly namespace: string;
  readonly name: string;
  readonly phase: string;
  readonly ready: string;
  readonly restarts: number;
  readonly node: string;
}

/** Asks the API server for what the seed's domain-check.sh shows. */
export async function domainStatus(config: KubeConfig, domain: string): Promise<DomainStatus> {
  const core = config.makeApiClient(CoreV1Api);
  const ofDomain = { labelSelector: `domain=${domain}` };
  const [api, worker, services, configMaps] = await Promise.all([
    core.listPodForAllNamespaces({ labelSelector: `domain=${domain},tier=business-logic` }),
    core.listPodForAllNamespaces({ labelSelector: `domain=${domain},tier=worker` }),
    core.listServiceForAllNamespaces(ofDomain),
    core.listConfigMapForAllNamespaces(ofDomain),
  ]);
  return {
    domain,
    api: api.items.map(podStatus),
    worker: worker.items.map(podStatus),
    services: services.items.map(({ metadata, spec }) => ({
      namespace: metadata?.namespace ?? '',
      name: metadata?.name ?? '',
      ports: (spec?.ports ?? []).map(({ port }) => port),
    })),
    configMaps: configMaps.items.map(({ metadata, data }) => ({
      namespace: metadata?.namespace ?? '',
      name: metadata?.name ?? '',
      keys: Object.keys(data ?? {}),
    })),
  };
}

function podStatus({ metadata, spec, status }: V1Pod): PodStatus {
  const containers = status?.containerStatuses ?? [];
  return {
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    phase: status?.phase ?? '',
    ready: `${containers.filter(({ ready }) => ready).length}/${spec?.containers.length ?? 0}`,
    restarts: containers.reduce((sum, { restartCount }) => sum + restartCount, 0),
    node: spec?.nodeName ?? '',
  };
}

/** A domain's status for a terminal. */
export function domainLines({ domain, api, worker, services, configMaps }: DomainStatus): readonly string[] {
  const pods = (rows: readonly PodStatus[]) =>
    rows.length === 0
      ? ['none']
      : table(
          ['namespace', 'pod', 'phase', 'ready', 'restarts', 'node'],
          rows.map((row) => [row.namespace, row.name, row.phase, row.ready, String(row.restarts), row.node]),
        );
  return [
    `domain ${domain}`,
    '',
    'API',
    ...pods(api),
    '',
    'Worker',
    ...pods(worker),
    '',
    'Services',
    ...table(
      ['namespace', 'service', 'ports'],
      services.map(({ namespace, name, ports }) => [namespace, name, ports.join(', ')]),
    ),
    '',
    'ConfigMaps',
    ...table(
      ['namespace', 'configmap', 'keys'],
      configMaps.map(({ namespace, name, keys }) => [namespace, name, keys.join(', ')]),
    ),
  ];
}
