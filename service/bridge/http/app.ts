import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import type { Gate } from '../access/gate.js';
import { ProblemError, toProblem } from '../sessions/problem-error.js';
import { openapi } from './openapi.js';
import { page, securityHeaders } from './page.js';
import type { Route } from './route.js';

export interface AppProps {
  readonly routes: readonly Route[];
  readonly gate: Gate;
  /** '' or `/path`, without a slash at its end. */
  readonly basePath: string;
  /** Express' `trust proxy`: whose X-Forwarded headers are believed. */
  readonly trustProxy: boolean | number | string;
  /** The built client. @default none: the API alone */
  readonly clientDirectory?: string | undefined;
  readonly log: Logger;
}

/** The largest body that is read. */
const BODY_LIMIT = 16 * 1024;

/** The HTTP edge: the API, its documentation and the page. Makes no server and listens to nothing. */
export function createApp(props: AppProps): Express {
  const { basePath, routes, gate, log } = props;
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', props.trustProxy);
  app.set('query parser', 'simple');
  app.use(securityHeaders);
  app.use(basePath || '/', (request, response, next) => {
    // Relative addresses in the page need the slash.
    if (request.originalUrl === basePath && basePath !== '') response.redirect(308, `${basePath}/`);
    else next();
  });

  const api = express.Router();
  const documentation: Route = {
    method: 'get',
    path: '/openapi.json',
    name: 'getOpenapi',
    summary: 'This document.',
    answers: { 200: undefined },
    handle: () => ({ status: 200, body: openapi([...routes, documentation], basePath) }),
  };
  for (const route of [...routes, documentation]) api[route.method](route.path, ...handlers(route, gate, log));
  api.use(() => {
    throw new ProblemError('not-found');
  });
  app.use(`${basePath}/api`, api);
  if (props.clientDirectory !== undefined) app.use(basePath || '/', page(props.clientDirectory));
  app.use(() => {
    throw new ProblemError('not-found');
  });
  app.use(problemHandler(log));
  return app;
}

/** Whether a request that does not pass through `app`, such as an upgrade, came over TLS: as `request.secure` has it. */
export function isSecure(app: Express, { headers, socket }: IncomingMessage): boolean {
  const trusts = app.get('trust proxy fn') as (address: string, hop: number) => boolean;
  const [proto = ''] = String(headers['x-forwarded-proto'] ?? '').split(',');
  return proto.trim() === 'https' && trusts(socket.remoteAddress ?? '', 0);
}

function handlers(route: Route, gate: Gate, log: Logger): RequestHandler[] {
  const serve: RequestHandler = async (request, response) => {
    if (request.body === undefined && route.body !== undefined && hasBody(request.headers)) {
      const value = request.get('content-type') ?? null;
      throw new ProblemError('bad-request', undefined, [{ field: 'Content-Type', value, rule: 'application/json' }]);
    }
    const visitor = route.open ? undefined : await gate.visitor(request.headers);
    const { status, body } = await route.handle({ request, response, visitor });
    const user: unknown = visitor?.user ?? response.locals['user'];
    if (route.method !== 'get') log.info({ ...said(request), user, status }, route.name);
    if (body === undefined) response.sendStatus(status);
    else response.status(status).json(body);
  };
  return [doorkeeper(route, gate), ...(route.body === undefined ? [] : [express.json({ limit: BODY_LIMIT })]), serve];
}

/** Before a body is read: the origin, then the login. */
function doorkeeper(route: Route, gate: Gate): RequestHandler {
  return async (request, _response, next) => {
    if (route.method !== 'get' && !gate.originAllowed(request.headers, request.secure))
      throw new ProblemError('foreign-origin');
    if (!route.open && (await gate.visitor(request.headers)) === undefined) {
      throw new ProblemError((await gate.hasUsers()) ? 'unauthenticated' : 'no-users');
    }
    next();
  };
}

/** What may be logged of a request: no header, no body, no query. */
function said({ method, path, ip }: Request): { method: string; path: string; address: string | undefined } {
  return { method, path, address: ip };
}

function hasBody(headers: { readonly [name: string]: unknown }): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function problemHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const problem = bodyProblem(error) ?? toProblem(error);
    const context = { ...said(request), code: problem.code };
    if (problem.code === 'internal') log.error({ ...context, err: error }, 'a request failed');
    else if (problem.status >= 500) log.warn({ ...context, detail: problem.detail }, 'the cluster failed a request');
    else if (request.method !== 'GET') log.info(context, 'refused');
    if (response.headersSent) next(error);
    else sendProblem(response, problem);
  };
}

function sendProblem(response: Response, problem: ProblemError): void {
  if (problem.retryAfter !== undefined) response.set('Retry-After', String(problem.retryAfter));
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

/** What express.json and express.static say of a request that they cannot read. */
function bodyProblem(error: unknown): ProblemError | undefined {
  if (!(error instanceof Error) || !('type' in error || 'expose' in error)) return undefined;
  const { type, status } = error as { type?: unknown; status?: unknown };
  if (type === 'entity.too.large') return new ProblemError('too-large', `The limit is ${BODY_LIMIT} bytes.`);
  if (type === 'entity.parse.failed') {
    return new ProblemError('bad-request', undefined, [{ field: 'body', value: null, rule: 'a JSON object' }]);
  }
  if (status === 404) return new ProblemError('not-found');
  return typeof status === 'number' && status < 500 ? new ProblemError('bad-request', error.message) : undefined;
}
