import type { FieldError, Problem } from '../../protocol/api.js';
import { isApiFailure } from './ports.js';

/** Every problem that the bridge answers with: the one table. `code` is stable; both edges and the documentation use it. */
export const PROBLEMS = {
  'bad-request': { status: 400, title: 'The request breaks a rule' },
  'unknown-profile': { status: 400, title: 'There is no such profile' },
  unauthenticated: { status: 401, title: 'Not logged in, or no longer' },
  'no-users': { status: 401, title: 'Nobody can log in yet: the operator has not added a user' },
  'foreign-origin': { status: 403, title: 'The request came from a page of another origin' },
  'no-session': { status: 404, title: 'You have no such session' },
  'not-found': { status: 404, title: 'There is nothing at this path' },
  'too-many-sessions': { status: 409, title: 'You have as many sessions as you may have' },
  'session-ended': { status: 410, title: 'The session has ended' },
  'too-large': { status: 413, title: 'The request is larger than the limit' },
  'too-many-logins': { status: 429, title: 'Too many attempts to log in from this address' },
  internal: { status: 500, title: 'The bridge failed' },
  'cluster-refused': { status: 502, title: 'The cluster refused' },
  'cluster-full': { status: 503, title: 'The cluster has no room for another sandbox' },
  'cluster-unreachable': { status: 503, title: 'The cluster does not answer' },
  draining: { status: 503, title: 'This bridge is going down; another one answers' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** A refusal from the table. `detail` and the field errors are shown to the user: no secrets in them. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  constructor(
    readonly code: ProblemCode,
    readonly detail?: string,
    readonly errors?: readonly FieldError[],
    /** When to try again, in seconds. @default none */
    readonly retryAfter?: number,
  ) {
    super(detail === undefined ? PROBLEMS[code].title : `${PROBLEMS[code].title}: ${detail}`);
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }

  toJSON(): Problem {
    return {
      type: `urn:berth:problem:${this.code}`,
      code: this.code,
      title: PROBLEMS[this.code].title,
      status: this.status,
      ...(this.detail === undefined ? {} : { detail: this.detail }),
      ...(this.errors === undefined ? {} : { errors: this.errors }),
    };
  }
}

/** Any error as a problem: what the API server refused keeps its words, what nobody foresaw says nothing. */
export function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (!isApiFailure(error)) return new ProblemError('internal');
  if (error.status === 403 && error.message.includes('exceeded quota')) {
    return new ProblemError('cluster-full', error.message);
  }
  const silent = error.status === 0 || error.status === 429 || error.status >= 500;
  return new ProblemError(silent ? 'cluster-unreachable' : 'cluster-refused', error.message);
}
