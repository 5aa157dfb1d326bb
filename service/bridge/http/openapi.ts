import { z } from 'zod';
import { PROBLEMS, type ProblemCode } from '../sessions/problem-error.js';
import type { Route } from './route.js';
import { problem } from './schemas.js';

/** What any operation may answer. */
const ALWAYS: readonly ProblemCode[] = ['internal'];
const WITH_LOGIN: readonly ProblemCode[] = ['unauthenticated', 'no-users', 'cluster-refused', 'cluster-unreachable'];
const WITH_BODY: readonly ProblemCode[] = ['bad-request', 'too-large'];
const CHANGING: readonly ProblemCode[] = ['foreign-origin'];

/** Every problem that an operation may answer with. */
export function problemsOf(route: Route): readonly ProblemCode[] {
  return [
    ...ALWAYS,
    ...(route.open ? [] : WITH_LOGIN),
    ...(route.body === undefined ? [] : WITH_BODY),
    ...(route.method === 'get' ? [] : CHANGING),
    ...(route.problems ?? []),
  ];
}

/** The API as OpenAPI 3.1, made from the routes that serve it. */
export function openapi(routes: readonly Route[], basePath: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Berth',
      version: '1',
      description: 'Sessions in sandboxes. The terminal itself is a WebSocket at `terminal?session=<id>`.',
    },
    servers: [{ url: `${basePath}/api` }],
    paths,
    components: {
      schemas: { Problem: jsonSchema(problem) },
      securitySchemes: { cookie: { type: 'apiKey', in: 'cookie', name: 'berth' } },
    },
  };
}

function operation(route: Route): object {
  const parameters = [
    ...[...route.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    })),
    ...Object.entries(route.headers ?? {}).map(([name, schema]) => ({
      name,
      in: 'header',
      schema: jsonSchema(schema),
    })),
  ];
  return {
    operationId: route.name,
    summary: route.summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined
      ? {}
      : { requestBody: { content: { 'application/json': { schema: jsonSchema(route.body) } } } }),
    responses: responses(route),
    security: route.open ? [] : [{ cookie: [] }],
  };
}

function responses(route: Route): Record<string, object> {
  const result: Record<string, object> = {};
  for (const [status, schema] of Object.entries(route.answers)) {
    result[status] =
      schema === undefined
        ? { description: 'Done.' }
        : { description: 'Done.', content: { 'application/json': { schema: jsonSchema(schema) } } };
  }
  const codesOf = new Map<number, ProblemCode[]>();
  for (const code of problemsOf(route)) {
    const { status } = PROBLEMS[code];
    codesOf.set(status, [...(codesOf.get(status) ?? []), code]);
  }
  for (const [status, codes] of codesOf) {
    result[String(status)] = {
      description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join(' '),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    };
  }
  return result;
}

function jsonSchema(schema: z.ZodType): object {
  return z.toJSONSchema(schema, { target: 'draft-2020-12' });
}
