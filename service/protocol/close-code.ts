/**
 * WebSocket close codes that the bridge uses (RFC 6455 §7.4; 4000–4999 are private).
 * `retry`: `never` – say so and stop; `now` – at once, then full jitter; `later` – full jitter from the first try;
 * `login` – show the login page.
 */
export const CLOSE_CODES = {
  going: { code: 1012, retry: 'later', meaning: 'the bridge restarts; another one serves the session' },
  busy: { code: 1013, retry: 'later', meaning: 'the bridge cannot take this viewer just now' },
  lost: { code: 1011, retry: 'now', meaning: 'the way to the sandbox was lost; the session goes on' },
  malformed: { code: 4400, retry: 'never', meaning: 'a message broke the protocol' },
  unauthenticated: { code: 4401, retry: 'login', meaning: 'not logged in, or no longer' },
  forbidden: { code: 4403, retry: 'never', meaning: 'not your session' },
  noSession: { code: 4404, retry: 'never', meaning: 'there is no such session' },
  tooSlow: { code: 4408, retry: 'later', meaning: 'the viewer made no progress for too long' },
  superseded: { code: 4409, retry: 'never', meaning: 'the same viewer attached again elsewhere' },
  ended: { code: 4410, retry: 'never', meaning: 'the session has ended' },
  tooLarge: { code: 1009, retry: 'never', meaning: 'a message was larger than the limit' },
  version: { code: 4426, retry: 'never', meaning: 'no common protocol version; reload the page' },
} as const satisfies Record<string, CloseCode>;

/** One row of the table. */
export interface CloseCode {
  readonly code: number;
  readonly retry: 'never' | 'now' | 'later' | 'login';
  readonly meaning: string;
}

/** What a client does after `code`: the table's word, or `now` for a code that is not in it (1006: the network went away). */
export function retryAfter(code: number): CloseCode['retry'] {
  if (code === 1001) return 'later';
  return Object.values(CLOSE_CODES).find((row) => row.code === code)?.retry ?? 'now';
}
