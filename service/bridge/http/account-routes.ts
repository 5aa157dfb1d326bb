import type { AccountView, StatusView } from '../../protocol/api.js';
import { COOKIE_NAME, COOKIE_SECONDS } from '../access/cookie.js';
import type { Gate, Login } from '../access/gate.js';
import type { LoginLimiter } from '../access/login-limiter.js';
import { ProblemError } from '../sessions/problem-error.js';
import { check, userOf, type Call, type Route } from './route.js';
import { accountView, loginRequest, statusView } from './schemas.js';

export interface AccountRoutesProps {
  readonly gate: Gate;
  readonly limiter: LoginLimiter;
  /** Where the cookie is sent: BASE_PATH or `/`. */
  readonly cookiePath: string;
  readonly namespace: string;
  /** @default none */
  readonly banner?: string | undefined;
}

/** A token as `npm run users` makes it, 256 random bits: guessing it needs no limit. An operator may choose others. */
const UNGUESSABLE = /^[A-Za-z0-9_-]{43}$/;

/** Logging in and out, and what the page must know before and after. */
export function accountRoutes({ gate, limiter, cookiePath, namespace, banner }: AccountRoutesProps): Route[] {
  const said = banner === undefined ? {} : { banner };
  const admit = async (token: string, address: string): Promise<Login> => {
    const wait = limiter.wait(address);
    const refusal =
      wait > 0
        ? new ProblemError('too-many-logins', `Try again in ${wait} s.`, undefined, wait)
        : new ProblemError('unauthenticated', 'No user has this token.');
    // Where everybody comes from one address, as through a NodePort, somebody's junk must not lock out the others.
    const login = wait === 0 || UNGUESSABLE.test(token) ? await gate.login(token) : undefined;
    if (login === undefined && wait === 0) limiter.failed(address);
    if (login === undefined) throw refusal;
    return login;
  };
  const cookieOptions = (call: Call) =>
    ({ httpOnly: true, sameSite: 'strict', secure: call.request.secure, path: cookiePath }) as const;
  return [
    {
      method: 'get',
      path: '/status',
      name: 'getStatus',
      summary: 'What the login page must say.',
      open: true,
      answers: { 200: statusView },
      handle: async ({ request }) => {
        const body: StatusView = { users: await gate.hasUsers(), secure: request.secure, namespace, ...said };
        return { status: 200, body };
      },
    },
    {
      method: 'post',
      path: '/login',
      name: 'logIn',
      summary: 'Exchanges a token for a cookie.',
      open: true,
      body: loginRequest,
      answers: { 204: undefined },
      problems: ['unauthenticated', 'no-users', 'too-many-logins'],
      handle: async (call) => {
        const { token } = check(loginRequest, call.request.body);
        if (!(await gate.hasUsers())) throw new ProblemError('no-users');
        const login = await admit(token, call.request.ip ?? '');
        call.response.cookie(COOKIE_NAME, login.cookie, { ...cookieOptions(call), maxAge: COOKIE_SECONDS * 1000 });
        return { status: 204 };
      },
    },
    {
      method: 'delete',
      path: '/login',
      name: 'logOut',
      summary: 'Takes the cookie back.',
      open: true,
      answers: { 204: undefined },
      handle: (call) => {
        call.response.clearCookie(COOKIE_NAME, cookieOptions(call));
        return { status: 204 };
      },
    },
    {
      method: 'get',
      path: '/account',
      name: 'getAccount',
      summary: 'Who is logged in.',
      answers: { 200: accountView },
      handle: (call) => {
        const body: AccountView = { user: userOf(call), ...said };
        return { status: 200, body };
      },
    },
  ];
}
