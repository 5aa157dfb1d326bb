import type {
  AccountView,
  LoginRequest,
  NewSession,
  Problem,
  ProfileView,
  RenameSession,
  SessionView,
} from '../protocol/api.js';
import type { Probe } from './connection/connection-state.js';

/** Milliseconds until a request counts as unanswered. */
const PATIENCE = 15_000;

/** The bridge refused, in its own words; `status` 0: it did not answer at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    /** Stable, from the bridge's error table. */
    readonly code: string,
    message: string,
    /** Seconds. @default none: the bridge did not say */
    readonly retryAfter?: number | undefined,
    /** The case at hand alone, for a place whose title says the rest. @default none: `message` is all there is */
    readonly detail?: string | undefined,
  ) {
    super(message);
  }
}

/** The HTTP API, relative to the page, so that any BASE_PATH works. Every method rejects with `ApiError` only. */
export class ApiClient {
  login(token: string): Promise<void> {
    return this.send('POST', 'login', { token } satisfies LoginRequest);
  }

  logout(): Promise<void> {
    return this.send('DELETE', 'login');
  }

  account(): Promise<AccountView> {
    return this.receive('GET', 'account');
  }

  profiles(): Promise<readonly ProfileView[]> {
    return this.receive('GET', 'profiles');
  }

  sessions(): Promise<readonly SessionView[]> {
    return this.receive('GET', 'sessions');
  }

  session(id: string): Promise<SessionView> {
    return this.receive('GET', `sessions/${encodeURIComponent(id)}`);
  }

  /** `key`: a repeat with the same key returns the same session. */
  create(session: NewSession, key: string): Promise<SessionView> {
    return this.receive('POST', 'sessions', session, { 'Idempotency-Key': key });
  }

  rename(id: string, name: string): Promise<void> {
    return this.send('PATCH', `sessions/${encodeURIComponent(id)}`, { name } satisfies RenameSession);
  }

  end(id: string): Promise<void> {
    return this.send('DELETE', `sessions/${encodeURIComponent(id)}`);
  }

  /** Whether attaching to a session again makes sense; never rejects. */
  async probe(id: string): Promise<Probe> {
    try {
      const { phase, message, endReason } = await this.session(id);
      if (phase !== 'ended') return { kind: 'attach' };
      const words = message ?? 'The session has ended.';
      const exit = endReason && ({ type: 'exit', reason: endReason, message: words } as const);
      return { kind: 'stop', reason: 'ended', message: words, exit };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401) return { kind: 'stop', reason: 'login', message: 'You are no longer logged in.' };
      if (error.status === 403) return { kind: 'stop', reason: 'forbidden', message: error.message };
      // For a while the bridge still knows why.
      if (error.status === 410) return { kind: 'stop', reason: 'ended', message: error.detail ?? error.message };
      if (error.status === 404) {
        return { kind: 'stop', reason: 'gone', message: 'This session does not exist any more.' };
      }
      return { kind: 'unreachable' };
    }
  }

  private async send(method: string, path: string, body?: object): Promise<void> {
    await this.request(method, path, body);
  }

  private async receive<Answer>(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const response = await this.request(method, path, body, headers);
    try {
      return (await response.json()) as Answer;
    } catch {
      throw new ApiError(response.status, 'not-json', 'The bridge sent an answer that this page cannot read.');
    }
  }

  private async request(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(`api/${path}`, {
        method,
        headers: { ...headers, ...(body && { 'Content-Type': 'application/json' }) },
        credentials: 'same-origin',
        cache: 'no-store',
        signal: AbortSignal.timeout(PATIENCE),
        ...(body && { body: JSON.stringify(body) }),
      });
    } catch {
      throw new ApiError(0, 'unreachable', 'The bridge does not answer. Check the network, then try again.');
    }
    if (response.ok) return response;
    throw await readProblem(response);
  }
}

async function readProblem(response: Response): Promise<ApiError> {
  const wait = Number(response.headers.get('Retry-After') ?? Number.NaN);
  const retryAfter = Number.isFinite(wait) ? wait : undefined;
  try {
    const problem = (await response.json()) as Problem;
    const fields = problem.errors?.map(({ field, rule }) => `${field}: ${rule}`).join('; ');
    const words = [problem.title, problem.detail, fields].filter(Boolean).join(' – ');
    return new ApiError(response.status, problem.code, words, retryAfter, problem.detail);
  } catch {
    return new ApiError(response.status, 'unknown', `The bridge answered with status ${response.status}.`, retryAfter);
  }
}
