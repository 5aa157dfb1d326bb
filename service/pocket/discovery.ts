import { apiVersionOf, RESOURCE_KINDS } from './resource-kind.js';

const VERSION = {
  major: '1',
  minor: '34',
  gitVersion: 'v1.34.4+pocket',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2026-01-01T00:00:00Z',
  goVersion: 'none',
  compiler: 'none',
  platform: `${process.platform}/${process.arch}`,
};

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** What any client that is logged in may read: health, version, and which resources there are. `undefined` for other paths. */
export function discovery(path: string): unknown {
  switch (path) {
    case '/healthz':
    case '/livez':
    case '/readyz':
      return 'ok';
    case '/version':
      return VERSION;
    case '/api':
      return { kind: 'APIVersions', versions: ['v1'] };
    case '/apis':
      return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups() };
    case '/api/v1':
      return resources('v1');
    default: {
      const groupVersion = /^\/apis\/([^/]+\/[^/]+)$/.exec(path)?.[1];
      const known = RESOURCE_KINDS.some((kind) => apiVersionOf(kind) === groupVersion);
      return groupVersion !== undefined && known ? resources(groupVersion) : undefined;
    }
  }
}

function groups(): unknown[] {
  const names = [...new Set(RESOURCE_KINDS.map((kind) => kind.group))].filter((group) => group !== '');
  return names.map((name) => {
    const version = { groupVersion: `${name}/v1`, version: 'v1' };
    return { name, versions: [version], preferredVersion: version };
  });
}

function resources(groupVersion: string): unknown {
  const rows = RESOURCE_KINDS.filter((kind) => apiVersionOf(kind) === groupVersion).map(
    ({ plural, kind, namespaced }) => ({
      name: plural,
      singularName: kind.toLowerCase(),
      namespaced,
      kind,
      verbs: VERBS,
      ...(plural === 'pods' ? { shortNames: ['po'], categories: ['all'] } : {}),
    }),
  );
  const exec = {
    name: 'pods/exec',
    singularName: '',
    namespaced: true,
    kind: 'PodExecOptions',
    verbs: ['create', 'get'],
  };
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion,
    resources: groupVersion === 'v1' ? [...rows, exec] : rows,
  };
}
