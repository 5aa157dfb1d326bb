/** One thing that the bridge may do, and the call of the bridge that needs it. */
export interface Permission {
  readonly resource: 'pods' | 'pods/exec' | 'podtemplates' | 'events';
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'patch' | 'delete';
  /** Rendered as an annotation of the Role. */
  readonly neededBy: string;
}

/**
 * The bridge's whole Role, in its own namespace. The design also lists `get` on events; nothing reads a single event, so
 * least privilege leaves it out.
 */
export const BRIDGE_PERMISSIONS: readonly Permission[] = [
  pod('get', 'reads one Pod: whose it is when a create meets a name that is taken'),
  pod('list', 'finds the sessions again at start'),
  pod('watch', 'follows every sandbox: start, readiness, end'),
  pod('create', 'POST /api/sessions'),
  pod('patch', 'renames a session'),
  pod('delete', 'DELETE /api/sessions/:id, and the reconciler'),
  permission('pods/exec', 'get', 'attaches a viewer: a WebSocket upgrade is a GET, and up to 1.34 only this is asked'),
  permission('pods/exec', 'create', 'attaches a viewer: from 1.35 on this is asked as well'),
  permission('podtemplates', 'get', 'POST /api/sessions reads the profile that it instantiates'),
  permission('podtemplates', 'list', 'GET /api/profiles'),
  permission('podtemplates', 'watch', 'GET /api/profiles stays current'),
  permission('events', 'list', 'tells why a sandbox does not start: what happened before the watch'),
  permission('events', 'watch', 'tells why a sandbox does not start, as it happens'),
];

function permission(resource: Permission['resource'], verb: Permission['verb'], neededBy: string): Permission {
  return { resource, verb, neededBy };
}

function pod(verb: Permission['verb'], neededBy: string): Permission {
  return permission('pods', verb, neededBy);
}

/** The rules of the Role: one for each resource, verbs in the order above. */
export function bridgeRules(): { apiGroups: string[]; resources: string[]; verbs: string[] }[] {
  const resources = [...new Set(BRIDGE_PERMISSIONS.map(({ resource }) => resource))];
  return resources.map((resource) => ({
    apiGroups: [''],
    resources: [resource],
    verbs: BRIDGE_PERMISSIONS.filter((one) => one.resource === resource).map(({ verb }) => verb),
  }));
}

/** Why each verb is there, as annotations: `berth.dev/pods-exec.create: …`. */
export function bridgeReasons(): Record<string, string> {
  return Object.fromEntries(
    BRIDGE_PERMISSIONS.map(({ resource, verb, neededBy }) => [
      `berth.dev/${resource.replace('/', '-')}.${verb}`,
      neededBy,
    ]),
  );
}
