import { createHash, randomBytes } from 'node:crypto';

/** A login token and what the bridge keeps of it. The token is shown once; the hash is the hex SHA-256 of it. */
export interface UserToken {
  readonly token: string;
  readonly hash: string;
}

/** Makes a token of 256 random bits, base64url. */
export function makeUserToken(): UserToken {
  const token = randomBytes(32).toString('base64url');
  return { token, hash: createHash('sha256').update(token).digest('hex') };
}
