import type { Component } from '../model/cluster.js';
import type { Landscape } from './landscape.js';
import type { Manifest, NetworkRule } from './manifest.js';
import type { Rule, Violation } from './rule.js';

/** What leans on a component of the cluster is rendered only where the cluster has it. */
export const COMPONENT_RULES: readonly Rule[] = [
  {
    name: 'component-exists',
    *check(landscape): Iterable<Violation> {
      for (const { manifest, component, field } of needs(landscape))
        if (!landscape.cluster.components.includes(component))
          yield { manifest, message: `${field} needs the component ${component}, which the cluster does not list` };
    },
  },
];

interface Need {
  readonly manifest: Manifest;
  readonly component: Component;
  readonly field: string;
}

function* needs(landscape: Landscape): Iterable<Need> {
  for (const manifest of landscape.of('Ingress'))
    if (manifest.spec.ingressClassName === 'traefik')
      yield { manifest, component: 'traefik', field: 'ingressClassName traefik' };
  const classes = [
    ...landscape.of('PersistentVolumeClaim').map((manifest) => [manifest, manifest.spec.storageClassName] as const),
    ...landscape
      .of('StatefulSet')
      .flatMap((manifest) =>
        (manifest.spec.volumeClaimTemplates ?? []).map(({ spec }) => [manifest, spec.storageClassName] as const),
      ),
  ];
  for (const [manifest, name] of classes)
    if (name === 'local-path') yield { manifest, component: 'local-path', field: 'storageClassName local-path' };
  for (const manifest of landscape.of('HorizontalPodAutoscaler'))
    yield { manifest, component: 'metrics-server', field: 'a HorizontalPodAutoscaler' };
  for (const manifest of landscape.of('NetworkPolicy')) {
    if ((manifest.spec.egress ?? []).some((rule) => sends(rule, 'k8s-app', 'kube-dns')))
      yield { manifest, component: 'coredns', field: 'DNS egress' };
    if ((manifest.spec.ingress ?? []).some((rule) => sends(rule, 'app.kubernetes.io/name', 'traefik')))
      yield { manifest, component: 'traefik', field: 'ingress from Traefik' };
  }
}

function sends({ from = [], to = [] }: NetworkRule, label: string, value: string): boolean {
  return [...from, ...to].some(({ podSelector }) => podSelector?.matchLabels?.[label] === value);
}
