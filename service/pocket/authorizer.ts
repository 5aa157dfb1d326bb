import type { ApiRequest } from './api-request.js';
import type { Identity } from './identity.js';
import { type KubeObject, recordOf } from './kube-object.js';
import type { ObjectStore } from './object-store.js';
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES, type ResourceKind } from './resource-kind.js';
import { StatusError } from './status-error.js';

/** What RBAC is asked: an API request, or one check within it. */
export type Attributes = Pick<ApiRequest, 'kind' | 'subresource' | 'namespace' | 'name'> & { readonly verb: string };

/** Role-based access control, evaluated from the Roles and bindings in the store each time it is asked. */
export class Authorizer {
  constructor(private readonly store: ObjectStore) {}

  /** @throws StatusError 403 in the words of a real API server. */
  check(identity: Identity, asked: Attributes): void {
    if (identity.groups.includes('system:masters')) return;
    const problems = this.problems(identity, asked);
    if (problems === undefined) return;
    const { kind, subresource, namespace, name, verb } = asked;
    const resource = subresource === undefined ? kind.plural : `${kind.plural}/${subresource}`;
    const scope = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
    const why = `User "${identity.name}" cannot ${verb} resource "${resource}" in API group "${kind.group}" ${scope}`;
    throw StatusError.forbidden(kind, name, problems.length === 0 ? why : `${why}: RBAC: ${problems.join(', ')}`);
  }

  /** The same for a second verb that a handler asks about, as `create` for an exec from 1.35 on: its text is terse. */
  checkSilently(identity: Identity, asked: Attributes): void {
    if (identity.groups.includes('system:masters')) return;
    const problems = this.problems(identity, asked);
    if (problems === undefined) return;
    const why = problems.length === 0 ? '' : `RBAC: ${problems.join(', ')}`;
    throw StatusError.forbidden(asked.kind, asked.name, why);
  }

  /** `undefined` when it is allowed, else what is wrong with bindings that might have allowed it. */
  private problems(identity: Identity, asked: Attributes): string[] | undefined {
    const problems: string[] = [];
    const bindings = [
      ...this.store.list(CLUSTER_ROLE_BINDINGS),
      ...(asked.namespace === undefined ? [] : this.store.list(ROLE_BINDINGS, asked.namespace)),
    ];
    for (const binding of bindings) {
      const subjects = list(binding['subjects']);
      if (!subjects.some((subject) => isSubject(subject, identity, binding))) continue;
      const reference = recordOf(binding['roleRef']);
      const ofNamespace = reference['kind'] === 'Role';
      const name = String(reference['name']);
      const kind: ResourceKind = ofNamespace ? ROLES : CLUSTER_ROLES;
      const role = this.store.get(kind, ofNamespace ? binding.metadata.namespace : undefined, name);
      if (role === undefined) {
        problems.push(`${kind.kind.toLowerCase()}.rbac.authorization.k8s.io "${name}" not found`);
      } else if (list(role['rules']).some((rule) => grants(rule, asked))) {
        return undefined;
      }
    }
    return problems;
  }
}

function isSubject(subject: Readonly<Record<string, unknown>>, identity: Identity, binding: KubeObject): boolean {
  const name = String(subject['name']);
  switch (subject['kind']) {
    case 'ServiceAccount': {
      const namespace = typeof subject['namespace'] === 'string' ? subject['namespace'] : binding.metadata.namespace;
      return identity.name === `system:serviceaccount:${namespace ?? ''}:${name}`;
    }
    case 'Group':
      return identity.groups.includes(name);
    default:
      return subject['kind'] === 'User' && identity.name === name;
  }
}

function grants(rule: Readonly<Record<string, unknown>>, asked: Attributes): boolean {
  const { kind, subresource, name, verb } = asked;
  const resources = subresource === undefined ? [kind.plural] : [`${kind.plural}/${subresource}`, `*/${subresource}`];
  const names = strings(rule['resourceNames']);
  return (
    includes(strings(rule['verbs']), [verb]) &&
    includes(strings(rule['apiGroups']), [kind.group]) &&
    includes(strings(rule['resources']), resources) &&
    (names.length === 0 || (name !== undefined && names.includes(name)))
  );
}

function includes(granted: readonly string[], wanted: readonly string[]): boolean {
  return granted.includes('*') || wanted.some((word) => granted.includes(word));
}

function list(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(recordOf) : [];
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
