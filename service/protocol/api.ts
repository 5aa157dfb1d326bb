import type { EndReason } from './control-message.js';

/** The JSON of the HTTP API, shared by the bridge and the browser client. Errors are `Problem` (RFC 9457). */

/*
 * Paths are relative to BASE_PATH.
 *
 *   POST   api/login          LoginRequest → 204 and the cookie; 401 `unauthenticated`, 401 `no-users`, 429 with Retry-After
 *   DELETE api/login          → 204, the cookie is gone
 *   GET    api/account        → AccountView; 401 `unauthenticated`, 401 `no-users` (nobody can log in yet)
 *   GET    api/profiles       → ProfileView[]
 *   GET    api/sessions       → SessionView[]
 *   POST   api/sessions       NewSession → 201 SessionView; a repeated Idempotency-Key returns the same session
 *   GET    api/sessions/:id   → SessionView; 404; 410 when it is no longer kept
 *   PATCH  api/sessions/:id   RenameSession → SessionView
 *   DELETE api/sessions/:id   → 204
 *   WS     terminal?session=:id
 */

export interface LoginRequest {
  readonly token: string;
}

export interface NewSession {
  /** @default the profile marked as default */
  readonly profile?: string | undefined;
  /** @default none: the page shows the id */
  readonly name?: string | undefined;
}

export interface RenameSession {
  readonly name: string;
}

/** A session as its user sees it. */
export interface SessionView {
  readonly id: string;
  readonly name: string;
  readonly profile: string;
  readonly phase: SessionPhase;
  /** RFC 3339. */
  readonly createdAt: string;
  /** Why it is not `running`, in words; for `ended` the reason of its end. @default none */
  readonly message?: string | undefined;
  /** @default none: it has not ended */
  readonly endReason?: EndReason | undefined;
  /** The node it runs on. @default none: not scheduled yet */
  readonly node?: string | undefined;
}

/** `lost`: its node does not answer; it resumes or ends when the node returns. */
export type SessionPhase = 'starting' | 'running' | 'lost' | 'ending' | 'ended';

/** A shape of sandbox that may be chosen. */
export interface ProfileView {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Whether a POST without a profile uses it. */
  readonly default: boolean;
}

/** Who is logged in, and what the page must say. */
export interface AccountView {
  readonly user: string;
  /** A sentence that every page shows, e.g. that shells run as you. @default none */
  readonly banner?: string | undefined;
}

/** `GET /api/status`, before login: what the login page must say. */
export interface StatusView {
  /** Whether anybody can log in; `false` until the operator adds a user. */
  readonly users: boolean;
  /** Whether the page came over TLS, as far as the bridge can tell. */
  readonly secure: boolean;
  /** The namespace that the `users` command needs to name. */
  readonly namespace: string;
  /** @default none */
  readonly banner?: string | undefined;
}

/** RFC 9457, `application/problem+json`. `code` is stable; `title` and `detail` are for people. */
export interface Problem {
  readonly type: string;
  readonly code: string;
  readonly title: string;
  readonly status: number;
  /** @default none */
  readonly detail?: string | undefined;
  /** One entry for each thing wrong with the request. @default none */
  readonly errors?: readonly FieldError[] | undefined;
}

export interface FieldError {
  readonly field: string;
  readonly value: unknown;
  readonly rule: string;
}
