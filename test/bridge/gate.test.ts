import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COOKIE_SECONDS } from '../../service/bridge/access/cookie.js';
import { Gate } from '../../service/bridge/access/gate.js';
import { UserDirectory } from '../../service/bridge/access/user-directory.js';
import { addUser } from './bridge-bed.js';

describe('who was let in', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'gate-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  test('may stay as long as the cookie is good, and not a moment longer, with an open terminal as without', async () => {
    let now = Date.parse('2026-11-21T12:00:00Z');
    const token = await addUser(directory, 'alice');
    const gate = new Gate(new UserDirectory({ directory, now: () => now }), [], () => now);
    const cookie = (await gate.login(token))?.cookie ?? '';
    const visitor = await gate.visitor({ cookie: `berth=${cookie}` });
    const hash = createHash('sha256').update(token).digest();
    expect(visitor).toEqual({ user: 'alice', hash, expiry: now / 1000 + COOKIE_SECONDS });
    now += COOKIE_SECONDS * 1000 - 1;
    expect(await gate.stillWelcome(visitor!)).toBe(true);
    now += 1;
    expect(await gate.stillWelcome(visitor!)).toBe(false);
    expect(await gate.visitor({ cookie: `berth=${cookie}` })).toBeUndefined();
  });
});
