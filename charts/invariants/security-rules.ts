import type { Landscape } from './landscape.js';
import { containersOf } from './landscape.js';
import type { PodTemplateBody, SecurityContext } from './manifest.js';
import type { Rule, Violation } from './rule.js';

const VOLUME_KINDS = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];
const MODES = ['enforce', 'audit', 'warn'];

/** Nobody may do more than it needs, and nothing secret is rendered. */
export const SECURITY_RULES: readonly Rule[] = [
  {
    name: 'no-wildcard-rbac',
    *check(landscape) {
      for (const manifest of [...landscape.of('Role'), ...landscape.of('ClusterRole')])
        for (const { apiGroups = [], resources = [], verbs } of manifest.rules ?? [])
          if ([...apiGroups, ...resources, ...verbs].some((word) => word.includes('*')))
            yield { manifest, message: `a rule for ${resources.join(', ')} has a wildcard` };
    },
  },
  {
    name: 'no-secret-data',
    *check(landscape) {
      for (const manifest of landscape.of('Secret'))
        if (manifest.data ?? manifest.stringData) yield { manifest, message: 'a Secret with data must not be in git' };
    },
  },
  {
    name: 'guarded-namespace',
    *check(landscape) {
      for (const manifest of landscape.of('Namespace')) {
        const { name, labels = {} } = manifest.metadata;
        for (const mode of MODES)
          if (labels[`pod-security.kubernetes.io/${mode}`] === undefined)
            yield { manifest, message: `lacks the label pod-security.kubernetes.io/${mode}` };
        for (const kind of ['ResourceQuota', 'LimitRange'] as const)
          if (landscape.within(kind, name).length === 0) yield { manifest, message: `has no ${kind}` };
        const denied = landscape.within('NetworkPolicy', name).some(({ spec }) => {
          const all = Object.keys(spec.podSelector).length === 0;
          const closed = spec.ingress === undefined && spec.egress === undefined;
          return all && closed && ['Ingress', 'Egress'].every((type) => spec.policyTypes.includes(type));
        });
        if (!denied) yield { manifest, message: 'has no NetworkPolicy that denies everything by default' };
      }
    },
  },
  { name: 'pod-security-restricted', check: checkRestricted },
];

/** What Pod Security `restricted` would refuse, in namespaces that enforce it. */
function* checkRestricted(landscape: Landscape): Iterable<Violation> {
  const enforcing = landscape
    .of('Namespace')
    .filter(({ metadata }) => metadata.labels?.['pod-security.kubernetes.io/enforce'] === 'restricted')
    .map(({ metadata }) => metadata.name);
  for (const { manifest, template, derived = false } of landscape.podSources())
    if (!derived && enforcing.includes(manifest.metadata.namespace ?? ''))
      for (const message of refusals(template)) yield { manifest, message };
}

function* refusals(template: PodTemplateBody): Iterable<string> {
  const { spec } = template;
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC'] as const) if (spec[field]) yield `${field} is true`;
  for (const volume of spec.volumes ?? [])
    for (const kind of Object.keys(volume))
      if (kind !== 'name' && !VOLUME_KINDS.includes(kind)) yield `volume ${volume.name} is a ${kind}`;
  for (const { name, securityContext = {} } of containersOf(template)) {
    const effective: SecurityContext = { ...spec.securityContext, ...securityContext };
    const { capabilities } = securityContext;
    if (securityContext.privileged) yield `container ${name} is privileged`;
    if (securityContext.allowPrivilegeEscalation !== false) yield `container ${name} allows privilege escalation`;
    if (!capabilities?.drop?.includes('ALL')) yield `container ${name} does not drop ALL capabilities`;
    if (capabilities?.add?.some((capability) => capability !== 'NET_BIND_SERVICE'))
      yield `container ${name} adds capabilities`;
    if (effective.runAsNonRoot !== true || effective.runAsUser === 0) yield `container ${name} may run as root`;
    if (!['RuntimeDefault', 'Localhost'].includes(effective.seccompProfile?.type ?? ''))
      yield `container ${name} has no seccomp profile`;
  }
}
