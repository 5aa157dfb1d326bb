import { createHmac, timingSafeEqual } from 'node:crypto';

export const COOKIE_NAME = 'berth';

/** How long a login lasts, in seconds. */
export const COOKIE_SECONDS = 7 * 24 * 3600;

/**
 * `user.expiry.hmac`. The key comes from the user's own hash, so every replica accepts it, and removing the user or
 * changing the token ends it.
 */
export function signCookie(user: string, hash: Buffer, expiry: number): string {
  return `${user}.${expiry}.${mac(user, hash, expiry).toString('base64url')}`;
}

/** What a genuine cookie that has not expired says. Times are in seconds since the epoch. */
export function readCookie(
  value: string,
  users: ReadonlyMap<string, Buffer>,
  now: number,
): { readonly user: string; readonly hash: Buffer; readonly expiry: number } | undefined {
  // A user's name may hold dots; the other two parts do not.
  const parts = /^(.+)\.(\d{1,12})\.([A-Za-z0-9_-]{43})$/.exec(value);
  const [user, expiry, signature] = [parts?.[1] ?? '', Number(parts?.[2]), parts?.[3] ?? ''];
  const hash = users.get(user);
  if (parts === null || hash === undefined) return undefined;
  const genuine = timingSafeEqual(Buffer.from(signature, 'base64url'), mac(user, hash, expiry));
  return genuine && now < expiry ? { user, hash, expiry } : undefined;
}

/** Finds our cookie in a `Cookie` header. */
export function findCookie(header: string | undefined): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const [name, ...value] = pair.split('=');
    if (name?.trim() === COOKIE_NAME) return value.join('=').trim();
  }
  return undefined;
}

function mac(user: string, hash: Buffer, expiry: number): Buffer {
  const key = createHmac('sha256', hash).update('berth cookie v1').digest();
  return createHmac('sha256', key).update(`${user}.${expiry}`).digest();
}
