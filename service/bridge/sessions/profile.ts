import type { ProfileView } from '../../protocol/api.js';
import { ANNOTATIONS, LABELS, SANDBOX_APP, type PodTemplate } from './pod.js';
import { ProblemError } from './problem-error.js';
import { podName } from './session-id.js';

/** Whether a PodTemplate of the namespace is a sandbox profile. */
export function isProfile(template: PodTemplate): boolean {
  return template.metadata.labels?.[LABELS.profile] !== undefined;
}

export function profileView(template: PodTemplate): ProfileView {
  const { name, annotations } = template.metadata;
  return {
    name,
    title: annotations?.[ANNOTATIONS.title] ?? name,
    description: annotations?.[ANNOTATIONS.description] ?? '',
    default: annotations?.[ANNOTATIONS.default] === 'true',
  };
}

/** Who a sandbox is for. */
export interface Identity {
  readonly id: string;
  readonly user: string;
  readonly name: string;
}

/** A Pod as the template shapes it; only identity is added. @throws ProblemError when it is not a usable profile */
export function instantiate(template: PodTemplate, { id, user, name }: Identity): unknown {
  const spec = template.template?.spec;
  const profile = template.metadata.name;
  if (!isProfile(template) || spec === undefined) {
    throw new ProblemError('unknown-profile', `${profile}: the PodTemplate is not a sandbox profile`);
  }
  const shape = template.template?.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: podName(id),
      labels: {
        ...shape?.labels,
        [LABELS.app]: SANDBOX_APP,
        [LABELS.partOf]: 'berth',
        [LABELS.managedBy]: 'web-terminal-service',
        [LABELS.session]: id,
        [LABELS.user]: user,
        [LABELS.profile]: profile,
      },
      annotations: { ...shape?.annotations, [ANNOTATIONS.name]: name },
    },
    spec,
  };
}
