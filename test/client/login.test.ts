import { ApiError, ApiClient } from '../../service/client/api-client.js';
import { loginProblem } from '../../service/client/pages/login-page.js';
import { linkedSession } from '../../service/client/pages/session-list.js';
import { isExposed } from '../../service/client/parts/secure-page.js';
import { PreferenceStore } from '../../service/client/preferences.js';

describe('a refused login', () => {
  it.each([
    [new ApiError(401, 'unauthenticated', ''), /not valid/],
    [new ApiError(401, 'no-users', ''), /operator has to add a user/],
    [new ApiError(429, 'too-many-logins', '', 42), /in 42 s/],
    [new ApiError(0, 'unreachable', 'The bridge does not answer.'), /does not answer/],
  ])('is explained: %#', (error, words) => {
    expect(loginProblem(error)).toMatch(words);
  });
});

describe('before it attaches again the page', () => {
  const { fetch } = globalThis;
  const answer = (status: number, body: object): void => {
    globalThis.fetch = () => Promise.resolve(new Response(JSON.stringify(body), { status }));
  };

  afterEach(() => {
    globalThis.fetch = fetch;
  });

  it.each([
    [200, { phase: 'running' }, { kind: 'attach' }],
    [200, { phase: 'lost' }, { kind: 'attach' }],
    [401, { code: 'unauthenticated', title: 'no' }, { kind: 'stop', reason: 'login' }],
    [403, { code: 'not-your-session', title: 'no' }, { kind: 'stop', reason: 'forbidden' }],
    [404, { code: 'no-session', title: 'no' }, { kind: 'stop', reason: 'gone' }],
    [
      410,
      { code: 'session-ended', title: 'no', detail: 'It was idle.' },
      { kind: 'stop', reason: 'ended', message: 'It was idle.' },
    ],
    [503, { code: 'draining', title: 'no' }, { kind: 'unreachable' }],
    [500, 'not even a problem', { kind: 'unreachable' }],
  ])('obeys %i %j', async (status, body, expected) => {
    answer(status, body as object);
    expect(await new ApiClient().probe('abc')).toMatchObject(expected);
  });

  it('learns why the session ended', async () => {
    answer(200, { phase: 'ended', endReason: 'out-of-memory', message: 'It used more than 2 GiB.' });
    expect(await new ApiClient().probe('abc')).toMatchObject({
      kind: 'stop',
      reason: 'ended',
      exit: { reason: 'out-of-memory', message: 'It used more than 2 GiB.' },
    });
  });

  it('takes silence for a reason to try again', async () => {
    globalThis.fetch = () => Promise.reject(new TypeError('network'));
    expect(await new ApiClient().probe('abc')).toEqual({ kind: 'unreachable' });
  });
});

it.each([
  ['http:', '10.0.0.5', true],
  ['http:', 'node-1.example', true],
  ['http:', '[fd00::1]', true],
  ['https:', '10.0.0.5', false],
  ['http:', '127.0.0.1', false],
  ['http:', '[::1]', false],
  ['http:', 'localhost', false],
])('a page on %s//%s is exposed: %s', (protocol, hostname, expected) => {
  expect(isExposed({ protocol, hostname })).toBe(expected);
});

it.each([
  ['#/session/abcdefgh2345', 'abcdefgh2345'],
  ['#/session/../../x', undefined],
  ['#/token=abc', undefined],
  ['', undefined],
])('the address %s names the session %s', (hash, expected) => {
  expect(linkedSession(hash)).toBe(expected);
});

describe('preferences', () => {
  const storage = (value: string | null) => ({ getItem: () => value, setItem: () => undefined });

  it.each([null, '{', '[]', '{"fontSize":"big","theme":"pink","screenReader":1}', '{"fontSize":null}'])(
    'are the defaults when %j is stored',
    (stored) => {
      const preferences = new PreferenceStore(storage(stored)).current;
      expect(preferences).toEqual({ theme: 'system', fontSize: 14, screenReader: false });
    },
  );

  it('keep the font readable', () => {
    const store = new PreferenceStore(storage('{"fontSize":500}'));
    expect(store.current.fontSize).toBe(28);
    store.change({ fontSize: 1 });
    expect(store.current.fontSize).toBe(9);
  });

  it('tell whoever watches, until they stop', () => {
    const store = new PreferenceStore(storage(null));
    const seen: number[] = [];
    const stop = store.watch(({ fontSize }) => seen.push(fontSize));
    store.change({ fontSize: 16 });
    stop();
    store.change({ fontSize: 18 });
    expect(seen).toEqual([14, 16]);
  });
});
