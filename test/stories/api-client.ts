import type { NewSession, Problem, ProfileView, SessionView } from '../../service/protocol/api.js';

/** An answer of the HTTP API: its status and its JSON (`undefined` for none). */
export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

/** The HTTP API, logged in, as a program would use it: one method for each route. */
export class ApiClient {
  private constructor(
    readonly url: string,
    readonly cookie: string,
  ) {}

  /** Logs in with `token`. @throws Error with the problem when that is refused. */
  static async login(url: string, token: string): Promise<ApiClient> {
    const response = await fetch(`${url}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    const cookie = response.headers.get('set-cookie')?.split(';')[0];
    if (!response.ok || cookie === undefined) throw new Error(`login: ${response.status} ${await response.text()}`);
    return new ApiClient(url, cookie);
  }

  /** The same login at another replica: the cookie is good everywhere. */
  at(url: string): ApiClient {
    return new ApiClient(url, this.cookie);
  }

  async profiles(): Promise<readonly ProfileView[]> {
    return (await this.send<readonly ProfileView[]>('GET', 'api/profiles')).body;
  }

  async sessions(): Promise<readonly SessionView[]> {
    return (await this.send<readonly SessionView[]>('GET', 'api/sessions')).body;
  }

  session(id: string): Promise<Answer<SessionView & Problem>> {
    return this.send('GET', `api/sessions/${id}`);
  }

  create(request: NewSession = {}, key?: string): Promise<Answer<SessionView & Problem>> {
    return this.send('POST', 'api/sessions', request, key === undefined ? {} : { 'idempotency-key': key });
  }

  /** Creates a session. @throws Error with the problem when that is refused. */
  async newSession(request: NewSession = {}): Promise<SessionView> {
    const { status, body } = await this.create(request);
    if (status !== 201) throw new Error(`new session: ${JSON.stringify(body)}`);
    return body;
  }

  rename(id: string, name: string): Promise<Answer<SessionView & Problem>> {
    return this.send('PATCH', `api/sessions/${id}`, { name });
  }

  end(id: string): Promise<Answer<Problem | undefined>> {
    return this.send('DELETE', `api/sessions/${id}`);
  }

  private async send<Body>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<Body>> {
    const response = await fetch(`${this.url}/${path}`, {
      method,
      headers: {
        cookie: this.cookie,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as Body };
  }
}
