import { RESOURCE_KINDS, type ResourceKind } from './resource-kind.js';
import { selectedName } from './selector.js';
import { StatusError } from './status-error.js';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** What a request asks for, in the words that RBAC uses. */
export interface ApiRequest {
  readonly verb: Verb;
  readonly kind: ResourceKind;
  /** @default none: the object itself */
  readonly subresource?: string | undefined;
  /** @default none: all namespaces, or a kind without one */
  readonly namespace?: string | undefined;
  /** @default none: the collection */
  readonly name?: string | undefined;
  readonly query: URLSearchParams;
}

const PATH =
  /^\/(?:api\/v1|apis\/(?<group>[^/]+)\/(?<version>[^/]+))(?:\/namespaces\/(?<namespace>[^/]+)(?=\/))?\/(?<plural>[a-z]+)(?:\/(?<name>[^/]+)(?:\/(?<subresource>[a-z]+))?)?$/;

/** Reads method and URL. @throws StatusError 404 for what is not served, 405 for a method that fits no verb. */
export function readApiRequest(method: string, url: URL): ApiRequest {
  const parts = PATH.exec(url.pathname)?.groups;
  if (parts === undefined) throw StatusError.noSuchPath();
  const kind = RESOURCE_KINDS.find(
    (row) =>
      row.plural === parts['plural'] &&
      row.group === (parts['group'] ?? '') &&
      row.version === (parts['version'] ?? 'v1'),
  );
  const namespace = decode(parts['namespace']);
  if (kind === undefined || (namespace !== undefined && !kind.namespaced)) throw StatusError.noSuchPath();
  const query = url.searchParams;
  const named = decode(parts['name']);
  const watching = ['1', 'true'].includes(query.get('watch') ?? '');
  const verb = verbOf(method, named !== undefined, watching);
  const name =
    named ?? (verb === 'list' || verb === 'watch' ? selectedName(query.get('fieldSelector') ?? '') : undefined);
  if (kind.namespaced && namespace === undefined && named !== undefined) throw StatusError.noSuchPath();
  return { verb, kind, subresource: parts['subresource'], namespace, name, query };
}

function verbOf(method: string, named: boolean, watching: boolean): Verb {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return named ? 'get' : watching ? 'watch' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return named ? 'delete' : 'deletecollection';
    default:
      throw StatusError.methodNotAllowed();
  }
}

function decode(part: string | undefined): string | undefined {
  if (part === undefined) return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    throw StatusError.badRequest(`path segment ${part}: not percent-encoded UTF-8`);
  }
}
