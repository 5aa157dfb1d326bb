import type { CustomKindsRead } from './custom-manifest.js';
import type { PodSource } from './landscape.js';
import type { Container, Manifest, PodSpec } from './manifest.js';

/** The Pods that an operator makes of its resource, as far as its fields say: labels, place, size and ports. */
type Derived<Kind extends keyof CustomKindsRead> = (manifest: CustomKindsRead[Kind]) => PodSource;

/** CloudNativePG: as many instances, one at a time during a rollout. */
export const postgresPods: Derived<'Cluster'> = (manifest) => {
  const { instances, imageName, resources, affinity, inheritedMetadata } = manifest.spec;
  return derived(manifest, instances, {
    labels: {
      ...inheritedMetadata.labels,
      'cnpg.io/cluster': manifest.metadata.name,
      'cnpg.io/podRole': 'instance',
      'cnpg.io/instanceRole': 'primary',
    },
    place: affinity,
    apart: true,
    container: { name: 'postgres', image: imageName, resources, ports: ports({ postgresql: 5432, metrics: 9187 }) },
  });
};

/** The RabbitMQ operator copies the cluster's labels to its Pods, but for the ones that it sets itself. */
export const rabbitmqPods: Derived<'RabbitmqCluster'> = (manifest) => {
  const { replicas, image, resources, tolerations = [], affinity } = manifest.spec;
  const [term] = affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
  const nodeSelector = Object.fromEntries(
    (term?.matchExpressions ?? []).map(({ key, values }) => [key, values[0] ?? '']),
  );
  const { name, labels } = manifest.metadata;
  return derived(manifest, replicas, {
    labels: { ...labels, 'app.kubernetes.io/name': name, 'app.kubernetes.io/component': 'rabbitmq' },
    place: { nodeSelector, tolerations },
    apart: true,
    container: { name, image, resources, ports: ports({ amqp: 5672, management: 15672, prometheus: 15692 }) },
  });
};

/** Prometheus and Alertmanager by their operator. */
export const monitoringPods: Derived<'Prometheus' | 'Alertmanager'> = (manifest) => {
  const { replicas, image, resources, podMetadata, nodeSelector = {}, tolerations = [] } = manifest.spec;
  const name = manifest.kind.toLowerCase();
  return derived(manifest, replicas, {
    labels: { ...podMetadata.labels, 'app.kubernetes.io/name': name },
    place: { nodeSelector, tolerations },
    apart: false,
    container: { name, image, resources, ports: ports({ web: name === 'prometheus' ? 9090 : 9093 }) },
  });
};

interface DerivedProps {
  readonly labels: Readonly<Record<string, string>>;
  readonly place: Pick<PodSpec, 'nodeSelector' | 'tolerations'>;
  /** Whether no two may be on one node. */
  readonly apart: boolean;
  readonly container: Container;
}

function derived(manifest: Manifest, count: number, { labels, place, apart, container }: DerivedProps): PodSource {
  const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{}] } };
  const template = { metadata: { labels }, spec: { ...place, ...(apart && { affinity }), containers: [container] } };
  return { manifest, template, count, derived: true };
}

function ports(numbers: Readonly<Record<string, number>>): NonNullable<Container['ports']> {
  return Object.entries(numbers).map(([name, containerPort]) => ({ name, containerPort }));
}
