import { qualifiedName, type ResourceKind } from './resource-kind.js';

/** meta/v1 Status: how the API says that something went wrong, or that an exec ended. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Readonly<Record<string, never>>;
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code?: number;
}

export interface StatusDetails {
  readonly name?: string | undefined;
  readonly group?: string | undefined;
  readonly kind?: string | undefined;
  readonly uid?: string | undefined;
  readonly causes?: readonly StatusCause[];
}

export interface StatusCause {
  readonly reason?: string;
  readonly message: string;
  readonly field?: string;
}

/** A request that the API refuses, with the body it answers. The texts are those of a real API server. */
export class StatusError extends Error {
  readonly status: Status;

  constructor(
    readonly code: number,
    reason: string,
    message: string,
    details?: StatusDetails,
  ) {
    super(message);
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      ...(details === undefined ? {} : { details }),
      code,
    };
  }

  static unauthorized(): StatusError {
    return new StatusError(401, 'Unauthorized', 'Unauthorized');
  }

  static badRequest(message: string): StatusError {
    return new StatusError(400, 'BadRequest', message);
  }

  static notFound(kind: ResourceKind, name: string): StatusError {
    return new StatusError(404, 'NotFound', `${qualifiedName(kind)} "${name}" not found`, about(kind, name));
  }

  static noSuchPath(): StatusError {
    return new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
  }

  static methodNotAllowed(): StatusError {
    return new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
  }

  static alreadyExists(kind: ResourceKind, name: string): StatusError {
    return new StatusError(409, 'AlreadyExists', `${qualifiedName(kind)} "${name}" already exists`, about(kind, name));
  }

  static conflict(kind: ResourceKind, name: string, why: string): StatusError {
    const message = `Operation cannot be fulfilled on ${qualifiedName(kind)} "${name}": ${why}`;
    return new StatusError(409, 'Conflict', message, about(kind, name));
  }

  static forbidden(kind: ResourceKind, name: string | undefined, why: string): StatusError {
    const what = name === undefined ? qualifiedName(kind) : `${qualifiedName(kind)} "${name}"`;
    return new StatusError(403, 'Forbidden', `${what} is forbidden: ${why}`, about(kind, name));
  }

  static invalid(kind: ResourceKind, name: string, causes: readonly Required<StatusCause>[]): StatusError {
    const problems = causes.map((cause) => `${cause.field}: ${cause.message}`);
    const list = problems.length === 1 ? (problems[0] ?? '') : `[${problems.join(', ')}]`;
    const details = { name, ...(kind.group === '' ? {} : { group: kind.group }), kind: kind.kind, causes };
    return new StatusError(422, 'Invalid', `${kind.kind} "${name}" is invalid: ${list}`, details);
  }

  /** What a real server answers to a JSON patch that cannot be applied, a failed `test` included. */
  static patchFailed(): StatusError {
    return new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
  }

  static expired(message: string): StatusError {
    return new StatusError(410, 'Expired', message);
  }

  static unsupportedMediaType(accepted: readonly string[]): StatusError {
    const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
    return new StatusError(415, 'UnsupportedMediaType', message);
  }

  static tooLarge(limit: number): StatusError {
    return new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limit}`);
  }

  static internal(why: string): StatusError {
    return new StatusError(500, 'InternalError', `Internal error occurred: ${why}`, { causes: [{ message: why }] });
  }
}

function about(kind: ResourceKind, name: string | undefined): StatusDetails {
  return {
    ...(name === undefined ? {} : { name }),
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.plural,
  };
}
