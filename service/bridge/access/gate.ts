import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { COOKIE_SECONDS, findCookie, readCookie, signCookie } from './cookie.js';
import type { UserDirectory } from './user-directory.js';

/** Somebody who is logged in; `hash` tells a user from one who later gets the same name. */
export interface Visitor {
  readonly user: string;
  readonly hash: Buffer;
  /** When the cookie ends, in seconds since the epoch. */
  readonly expiry: number;
}

/** Somebody who has just logged in, and the value of a new cookie. */
export interface Login {
  readonly user: string;
  readonly cookie: string;
}

/** Decides who may come in. It never throws because of what a visitor sent. */
export class Gate {
  constructor(
    private readonly directory: UserDirectory,
    /** Origins that are welcome besides the page's own, e.g. `https://terminal.example`. */
    private readonly allowedOrigins: readonly string[] = [],
    private readonly now: () => number = Date.now,
  ) {}

  async hasUsers(): Promise<boolean> {
    return (await this.directory.current()).size > 0;
  }

  /** The visitor whom the cookie names, if it is genuine, not expired, and its user still there. */
  async visitor(headers: IncomingHttpHeaders): Promise<Visitor | undefined> {
    const users = await this.directory.current();
    const cookie = findCookie(headers.cookie);
    return cookie === undefined ? undefined : readCookie(cookie, users, this.now() / 1000);
  }

  /** Whether somebody let in earlier may stay: no longer than the cookie is good. */
  async stillWelcome({ user, hash, expiry }: Visitor): Promise<boolean> {
    return this.now() / 1000 < expiry && ((await this.directory.current()).get(user)?.equals(hash) ?? false);
  }

  /** The user with this token and the value of a new cookie. Takes as long for a wrong token as for a right one. */
  async login(token: string): Promise<Login | undefined> {
    const offered = createHash('sha256').update(token).digest();
    let found: { readonly user: string; readonly hash: Buffer } | undefined;
    for (const [user, hash] of await this.directory.current())
      if (timingSafeEqual(hash, offered)) found = { user, hash };
    if (found === undefined) return undefined;
    const expiry = Math.floor(this.now() / 1000) + COOKIE_SECONDS;
    return { user: found.user, cookie: signCookie(found.user, found.hash, expiry) };
  }

  /**
   * Whether a request may come from the page it says it comes from. No Origin: not from a page. `secure`: it is known to
   * have come over TLS, so the page's own origin has; where that is not known, TLS may have ended at a proxy.
   */
  originAllowed(headers: IncomingHttpHeaders, secure: boolean): boolean {
    const { origin, host } = headers;
    if (origin === undefined || this.allowedOrigins.includes(origin)) return true;
    try {
      const url = new URL(origin);
      const own = url.protocol === 'https:' || (url.protocol === 'http:' && !secure);
      return own && url.host === host?.toLowerCase();
    } catch {
      return false;
    }
  }
}
