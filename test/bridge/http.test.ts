import { createHash } from 'node:crypto';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import WebSocket from 'ws';
import type { Problem } from '../../service/protocol/api.js';
import { signCookie } from '../../service/bridge/access/cookie.js';
import { PROBLEMS } from '../../service/bridge/sessions/problem-error.js';
import type { ApiClient } from '../stories/api-client.js';
import { until } from '../stories/until.js';
import { Viewer } from '../stories/viewer.js';
import { addUser, BridgeBed, NAMESPACE } from './bridge-bed.js';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly problem: Problem;
  readonly text: string;
}

describe('the HTTP edge', () => {
  let bed: BridgeBed;
  let alice: ApiClient;

  beforeAll(async () => {
    bed = await BridgeBed.start({ options: { times: { tick: 50 } } });
    const client = join(bed.directory, 'client');
    await mkdir(join(client, 'assets'), { recursive: true });
    await writeFile(join(client, 'index.html'), '<!doctype html>');
    await writeFile(join(client, 'assets', 'main-ABCD2345.js'), '');
    await bed.addBridge({ clientDirectory: client, basePath: '/terminal-service', trustProxy: 1, banner: 'Hello.' });
    alice = await bed.api();
  });
  afterAll(() => bed.stop());
  afterEach(async () => {
    for (const { id } of await alice.sessions()) await alice.end(id);
    await until('the sandboxes to be gone', async () => (await alice.sessions()).length === 0);
  });

  const ask = async (path: string, init: RequestInit = {}, url = bed.url): Promise<Answer> => {
    const response = await fetch(`${url}/${path}`, { redirect: 'manual', ...init });
    const text = await response.text();
    const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') === true;
    return {
      status: response.status,
      headers: response.headers,
      text,
      problem: isProblem ? (JSON.parse(text) as Problem) : ({} as Problem),
    };
  };
  const post = (path: string, body: string, headers: Record<string, string> = {}): Promise<Answer> =>
    ask(path, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', cookie: alice.cookie, ...headers },
    });
  const login = (token: string, headers: Record<string, string> = {}): Promise<Answer> =>
    post('api/login', JSON.stringify({ token }), headers);

  /** What a refused upgrade says, which a browser never sees. */
  const knock = (path: string, headers: Record<string, string>, url = bed.url): Promise<Problem & { status: number }> =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/${path}`, { headers });
      socket.once('open', () => reject(new Error('the door was open')));
      socket.once('unexpected-response', (_request, response) => {
        response.once('data', (body: Buffer) => resolve(JSON.parse(body.toString()) as Problem));
      });
      socket.on('error', () => undefined);
    });

  describe('who may come in', () => {
    test('nobody without a cookie, except to log in and to learn what the login page must say', async () => {
      for (const path of [
        'api/account',
        'api/profiles',
        'api/sessions',
        'api/sessions/aaaaaaaaaaaa',
        'api/openapi.json',
      ]) {
        expect(await ask(path)).toMatchObject({ status: 401, problem: { code: 'unauthenticated' } });
      }
      expect(JSON.parse((await ask('api/status')).text)).toEqual({ users: true, secure: false, namespace: NAMESPACE });
    });

    test('a right token gets a cookie that scripts cannot read and other sites cannot send', async () => {
      const answer = await login(bed.tokens.alice);
      expect(answer.status).toBe(204);
      expect(answer.headers.get('set-cookie')).toMatch(
        /^berth=alice\.\d+\.[\w-]{43}; Max-Age=604800; Path=\/;.* HttpOnly; SameSite=Strict$/,
      );
    });

    test('a wrong, empty, missing or misspelt token is refused and not repeated in the answer', async () => {
      expect(await login('wrong')).toMatchObject({ status: 401, problem: { code: 'unauthenticated' } });
      expect(await login('')).toMatchObject({
        status: 400,
        problem: { code: 'bad-request', errors: [{ field: 'token' }] },
      });
      const misspelt = await post('api/login', '{"tokn":"s3cret"}');
      expect(misspelt.problem.errors).toMatchObject([{ field: 'token' }, { field: 'tokn', rule: 'unknown field' }]);
    });

    test('an expired, tampered or foreign cookie is no cookie', async () => {
      const hash = createHash('sha256').update(bed.tokens.alice).digest();
      const now = Math.floor(Date.now() / 1000);
      const genuine = signCookie('alice', hash, now + 60);
      const cookies = {
        genuine,
        expired: signCookie('alice', hash, now - 1),
        tampered: genuine.replace(/^alice/, 'bob'),
        prolonged: genuine.replace(String(now + 60), String(now + 9999)),
        nobody: signCookie('carol', hash, now + 60),
        empty: '',
        junk: 'a.b.c',
      };
      const answers = await Promise.all(
        Object.values(cookies).map(
          async (value) => (await ask('api/account', { headers: { cookie: `x=1; berth=${value}` } })).status,
        ),
      );
      expect(answers).toEqual([200, 401, 401, 401, 401, 401, 401]);
    });

    test('a request or an upgrade from a page of another origin is refused', async () => {
      const headers = { origin: 'https://evil.example' };
      expect(await login(bed.tokens.alice, headers)).toMatchObject({
        status: 403,
        problem: { code: 'foreign-origin' },
      });
      expect(await post('api/sessions', '{}', headers)).toMatchObject({
        status: 403,
        problem: { code: 'foreign-origin' },
      });
      expect(await post('api/sessions', '{}', { origin: 'null' })).toMatchObject({ status: 403 });
      const { id } = await alice.newSession();
      expect(await knock(`terminal?session=${id}`, { ...headers, cookie: alice.cookie })).toMatchObject({
        code: 'foreign-origin',
      });
      expect((await login(bed.tokens.alice, { origin: bed.url })).status).toBe(204);
    });

    test('an upgrade is refused in plain HTTP: no cookie, no session, not yours, a bad id, another path', async () => {
      const { id } = await alice.newSession();
      const bob = await bed.api('bob');
      const { cookie } = alice;
      expect(await knock(`terminal?session=${id}`, {})).toMatchObject({ status: 401, code: 'unauthenticated' });
      expect(await knock('terminal?session=aaaaaaaaaaaa', { cookie })).toMatchObject({
        status: 404,
        code: 'no-session',
      });
      expect(await knock(`terminal?session=${id}`, { cookie: bob.cookie })).toMatchObject({
        status: 404,
        code: 'no-session',
      });
      expect(await knock('terminal?session=../etc', { cookie })).toMatchObject({
        status: 404,
        errors: [{ field: 'id' }],
      });
      expect(await knock('terminal', { cookie })).toMatchObject({ status: 404 });
      expect(await knock('elsewhere', { cookie })).toMatchObject({ status: 404, code: 'not-found' });
    });

    test('a removed user is out within seconds: the cookie is dead and open terminals are closed with 4401', async () => {
      const token = await addUser(bed.users, 'carol');
      const answer = await until('carol to be known', async () => {
        const tried = await login(token);
        return tried.status === 204 && tried;
      });
      const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
      const carol = Object.assign(Object.create(Object.getPrototypeOf(alice) as object) as ApiClient, {
        url: bed.url,
        cookie,
      });
      const { id } = await carol.newSession();
      const viewer = await Viewer.attach(carol, id, { reconnect: false });
      await rm(join(bed.users, 'carol'));
      expect(await viewer.closed()).toBe(4401);
      expect((await ask('api/account', { headers: { cookie } })).status).toBe(401);
      bed.pocket.faults.deletePod(NAMESPACE, `claudecode-sandbox-${id}`);
    });

    test('without any user the door is shut, and the page can say how to add one', async () => {
      const bridge = await bed.addBridge({ usersDirectory: join(bed.directory, 'nobody') });
      expect(JSON.parse((await ask('api/status', {}, bridge.url)).text)).toMatchObject({ users: false });
      expect(await ask('api/account', { headers: { cookie: alice.cookie } }, bridge.url)).toMatchObject({
        problem: { code: 'no-users' },
      });
      const tried = await ask(
        'api/login',
        { method: 'POST', body: '{"token":"x"}', headers: { 'content-type': 'application/json' } },
        bridge.url,
      );
      expect(tried).toMatchObject({ status: 401, problem: { code: 'no-users' } });
    });

    test('users are read through the links of a mounted Secret, and junk beside them is no user', async () => {
      const mount = join(bed.directory, 'mount');
      await mkdir(join(mount, '..one'), { recursive: true });
      await symlink('..one', join(mount, '..data'));
      const token = await addUser(join(mount, '..one'), 'dave');
      await writeFile(join(mount, '..one', 'broken'), 'not a hash');
      for (const name of ['dave', 'broken']) await symlink(join('..data', name), join(mount, name));
      const bridge = await bed.addBridge({ usersDirectory: mount });
      const log = (token: string) =>
        ask(
          'api/login',
          { method: 'POST', body: JSON.stringify({ token }), headers: { 'content-type': 'application/json' } },
          bridge.url,
        );
      expect((await log(token)).status).toBe(204);
      // The kubelet swaps `..data` for another folder in one step.
      await mkdir(join(mount, '..two'));
      const next = await addUser(join(mount, '..two'), 'dave');
      await symlink('..two', join(mount, '..data-new'));
      await rename(join(mount, '..data-new'), join(mount, '..data'));
      await until('the new token to be good', async () => (await log(next)).status === 204);
      expect((await log(token)).status).toBe(401);
    });

    test('wrong tokens are limited for each address, with how long to wait; a right one of 256 bits comes in all the same', async () => {
      await writeFile(join(bed.users, 'weak'), createHash('sha256').update('hunter2').digest('hex'));
      const bridge = await bed.addBridge({ loginAttemptsPerMinute: 3 });
      const tried = async (token: string): Promise<Answer> =>
        ask(
          'api/login',
          { method: 'POST', body: JSON.stringify({ token }), headers: { 'content-type': 'application/json' } },
          bridge.url,
        );
      for (let attempt = 0; attempt < 3; attempt += 1) expect((await tried('wrong')).status).toBe(401);
      // Right or wrong: what an operator made up may be guessed.
      for (const token of ['hunter2', 'hunter3', bed.tokens.alice.replace(/.$/, '_')]) {
        expect(await tried(token)).toMatchObject({ status: 429, problem: { code: 'too-many-logins' } });
      }
      expect((await tried(bed.tokens.alice)).status).toBe(204);
      const refused = await tried('wrong');
      expect(refused).toMatchObject({ status: 429, problem: { code: 'too-many-logins' } });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    });
  });

  describe('sessions', () => {
    test('POST without a profile uses small; the list, the fresh look, renaming and the end agree', async () => {
      const { status, body } = await alice.create({ name: 'first' });
      expect(status).toBe(201);
      expect(body).toMatchObject({
        name: 'first',
        profile: 'small',
        phase: 'starting',
        id: expect.stringMatching(/^[a-z2-7]{12}$/) as string,
      });
      expect(await alice.sessions()).toMatchObject([{ id: body.id, name: 'first' }]);
      expect((await alice.rename(body.id, 'второй')).body).toMatchObject({ name: 'второй' });
      expect((await alice.session(body.id)).body).toMatchObject({ name: 'второй' });
      expect((await alice.end(body.id)).status).toBe(204);
      await until('it to be gone', async () => (await alice.session(body.id)).status === 410);
      expect((await alice.session(body.id)).body).toMatchObject({ code: 'session-ended' });
    });

    test('the Pod is the profile’s template with nothing but identity added', async () => {
      const { id } = await alice.newSession({ name: 'mine', profile: 'large' });
      const { body } = await alice.session(id);
      expect(body.profile).toBe('large');
      const admin = await bed.adminGet(`pods/claudecode-sandbox-${id}`);
      expect(admin).toMatchObject({
        metadata: {
          labels: {
            'app.kubernetes.io/name': 'claudecode-sandbox',
            'app.kubernetes.io/part-of': 'berth',
            'app.kubernetes.io/managed-by': 'web-terminal-service',
            'berth.dev/session': id,
            'berth.dev/user': 'alice',
            'berth.dev/profile': 'large',
            'berth.dev/internet': 'true',
          },
          annotations: { 'berth.dev/name': 'mine' },
        },
        spec: { containers: [{ name: 'sandbox', args: ['keeper'] }] },
      });
    });

    test('the same Idempotency-Key gives the same session, at once and at another replica, and another user another', async () => {
      const other = await bed.addBridge();
      const answers = await Promise.all([
        alice.create({}, 'key-1'),
        alice.create({}, 'key-1'),
        alice.at(other.url).create({}, 'key-1'),
      ]);
      expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
      const bob = await bed.api('bob');
      const theirs = await bob.create({}, 'key-1');
      expect(theirs.status).toBe(201);
      expect(theirs.body.id).not.toBe(answers[0].body.id);
      await bob.end(theirs.body.id);
      expect((await post('api/sessions', '{}', { 'idempotency-key': 'a b' })).problem.errors).toMatchObject([
        { field: 'Idempotency-Key' },
      ]);
    });

    test('one more than the limit is 409, also when asked all at once; an ended one makes room', async () => {
      const answers = await Promise.all(Array.from({ length: 6 }, () => alice.create()));
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 201, 409, 409]);
      expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({ code: 'too-many-sessions' });
      await alice.end((await alice.sessions())[0]!.id);
      await until('room', async () => (await alice.create()).status === 201);
    });

    test('an unknown profile is 400 and names the known ones', async () => {
      const { status, body } = await alice.create({ profile: 'huge' });
      expect(status).toBe(400);
      expect(body).toMatchObject({ code: 'unknown-profile', errors: [{ field: 'profile', value: 'huge' }] });
      expect(JSON.stringify(body)).toContain('small, gpu-a2, gpu-t4, large');
    });

    test('junk is 400 with every field, value and rule; too much is 413; the server stays up', async () => {
      expect(await post('api/sessions', '{"profile":')).toMatchObject({
        status: 400,
        problem: { errors: [{ field: 'body' }] },
      });
      expect(await post('api/sessions', '[]')).toMatchObject({ status: 400, problem: { code: 'bad-request' } });
      const bad = await post('api/sessions', JSON.stringify({ profile: 'No!', name: 7, extra: 1 }));
      expect(bad.problem.errors?.map(({ field, value }) => [field, value])).toEqual(
        expect.arrayContaining([
          ['profile', 'No!'],
          ['name', 7],
          ['extra', 1],
        ]),
      );
      expect((await post('api/sessions', JSON.stringify({ name: 'a\nb' }))).problem.errors).toMatchObject([
        { field: 'name' },
      ]);
      expect((await post('api/sessions', JSON.stringify({ name: 'x'.repeat(65) }))).status).toBe(400);
      expect((await post('api/sessions', JSON.stringify({ name: 'x'.repeat(20_000) }))).problem.code).toBe('too-large');
      expect((await post('api/sessions', 'name=x', { 'content-type': 'text/plain' })).problem.errors).toMatchObject([
        { field: 'Content-Type' },
      ]);
      expect(await ask('api/nothing', { headers: { cookie: alice.cookie } })).toMatchObject({
        status: 404,
        problem: { code: 'not-found' },
      });
      expect((await alice.session('NOT-AN-ID')).body).toMatchObject({ code: 'no-session', errors: [{ field: 'id' }] });
      expect((await alice.rename('aaaaaaaaaaaa', 'x')).status).toBe(404);
      expect((await ask('api/account', { headers: { cookie: alice.cookie } })).status).toBe(200);
    });

    test('somebody else’s session is as if it were not there', async () => {
      const { id } = await alice.newSession();
      const bob = await bed.api('bob');
      expect(await bob.sessions()).toEqual([]);
      const answers = [await bob.session(id), await bob.rename(id, 'mine'), await bob.end(id)];
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
      expect((await alice.session(id)).status).toBe(200);
    });

    test('the cluster’s quota is its own answer, in the API’s words', async () => {
      const lift = bed.pocket.faults.refuse({
        verb: 'create',
        resource: 'pods',
        code: 403,
        reason: 'Forbidden',
        message: 'pods "x" is forbidden: exceeded quota: sandboxes, requested: pods=1, used: pods=20, limited: pods=20',
      });
      const { status, body } = await alice.create();
      lift();
      expect(status).toBe(503);
      expect(body).toMatchObject({ code: 'cluster-full' });
      expect(body.detail).toContain('exceeded quota: sandboxes');
    });

    test('an API server that is away is 503, and everything goes on when it is back', async () => {
      const { id } = await alice.newSession();
      const back = bed.pocket.restartApi(1_500);
      await until('the bridge to say so', async () => (await alice.session(id)).body.code === 'cluster-unreachable');
      await back;
      await until('the bridge to see the session again', async () => (await alice.session(id)).status === 200);
      await until('the list to be current', async () => (await alice.sessions()).length === 1);
      // Profiles have a watch of their own, which comes back at its own time.
      await until('the profiles to be known again', async () => (await alice.profiles()).length > 0);
    });

    test('a rotated token is picked up without a failed request', async () => {
      await bed.pocket.rotateToken(NAMESPACE, 'web-terminal-service');
      const { id } = await alice.newSession();
      await Viewer.attach(alice, id, { reconnect: false }).then((viewer) => viewer.leave());
    });
  });

  describe('the page and its headers', () => {
    const base = (): string => bed.bridges[1]!.url;

    test('everything lies below BASE_PATH, with a policy that lets in no script but ours', async () => {
      expect(base()).toMatch(/\/terminal-service$/);
      expect((await ask('', {}, base())).text).toBe('<!doctype html>');
      const bare = await fetch(base(), { redirect: 'manual' });
      expect([bare.status, bare.headers.get('location')]).toEqual([308, '/terminal-service/']);
      const { headers } = await ask('', {}, base());
      expect(headers.get('content-security-policy')).toContain("script-src 'self';");
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toBe('no-store');
      expect((await ask('assets/main-ABCD2345.js', {}, base())).headers.get('cache-control')).toContain('immutable');
      expect((await ask('../etc/passwd', {}, base())).status).toBe(404);
      expect((await ask('assets/nothing.js', {}, base())).problem.code).toBe('not-found');
    });

    test('behind a proxy that ends TLS the cookie is Secure and belongs to BASE_PATH', async () => {
      const answer = await ask(
        'api/login',
        {
          method: 'POST',
          body: JSON.stringify({ token: bed.tokens.alice }),
          headers: { 'content-type': 'application/json', 'x-forwarded-proto': 'https' },
        },
        base(),
      );
      expect(answer.headers.get('set-cookie')).toMatch(/Path=\/terminal-service;.* Secure/);
      const account = await ask('api/account', { headers: { cookie: alice.cookie } }, base());
      expect(JSON.parse(account.text)).toEqual({ user: 'alice', banner: 'Hello.' });
    });

    test('behind a proxy that ends TLS a page of plain HTTP is another origin, for requests and for upgrades', async () => {
      const secure = { 'x-forwarded-proto': 'https', cookie: alice.cookie, 'content-type': 'application/json' };
      const { host } = new URL(base());
      const create = (origin: string): Promise<Answer> =>
        ask('api/sessions', { method: 'POST', body: '{"name":7}', headers: { ...secure, origin } }, base());
      expect((await create(`http://${host}`)).problem.code).toBe('foreign-origin');
      expect((await create(`https://${host}`)).problem.code).toBe('bad-request');
      const enter = (origin: string): Promise<Problem> => knock('terminal', { ...secure, origin }, base());
      expect((await enter(`http://${host}`)).code).toBe('foreign-origin');
      expect((await enter(`https://${host}`)).code).toBe('no-session');
      // A bridge that believes no proxy cannot know.
      const believed = { origin: bed.url, 'x-forwarded-proto': 'https', cookie: alice.cookie };
      expect((await knock('terminal', believed)).code).toBe('no-session');
    });

    test('under TLS browsers are told to stay with it; connections are kept longer than proxies keep them', async () => {
      const strict = async (url: string): Promise<string | null> =>
        (await ask('api/status', { headers: { 'x-forwarded-proto': 'https' } }, url)).headers.get(
          'strict-transport-security',
        );
      expect(await strict(base())).toBe('max-age=2592000');
      expect(await strict(bed.url)).toBeNull();
      expect((await ask('api/status')).headers.get('keep-alive')).toBe('timeout=120');
    });
  });

  test('the documentation names every problem, and every answer above is in it', async () => {
    const document = JSON.parse((await ask('api/openapi.json', { headers: { cookie: alice.cookie } })).text) as {
      paths: Record<string, Record<string, { responses: Record<string, { description: string }> }>>;
    };
    expect(
      Object.entries(document.paths)
        .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))
        .sort(),
    ).toEqual([
      'delete /login',
      'delete /sessions/{id}',
      'get /account',
      'get /openapi.json',
      'get /profiles',
      'get /sessions',
      'get /sessions/{id}',
      'get /status',
      'patch /sessions/{id}',
      'post /login',
      'post /sessions',
    ]);
    const described = JSON.stringify(document);
    const elsewhere = ['not-found', 'draining'];
    for (const code of Object.keys(PROBLEMS)) {
      if (!elsewhere.includes(code)) expect(described).toContain(`\`${code}\``);
    }
    expect(Object.keys(document.paths['/sessions']!['post']!.responses)).toEqual(
      expect.arrayContaining(['200', '201', '400', '409', '410', '503']),
    );
  });

  test('no log line holds a token, a cookie or a header', () => {
    const log = bed.log.join('');
    for (const secret of [bed.tokens.alice, bed.tokens.bob, alice.cookie.split('=')[1]!, 'Authorization', 'Bearer']) {
      expect(log).not.toContain(secret);
    }
  });
});
