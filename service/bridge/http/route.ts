import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { FieldError } from '../../protocol/api.js';
import type { Visitor } from '../access/gate.js';
import { ProblemError, type ProblemCode } from '../sessions/problem-error.js';

/** One operation of the API: how it is called, what it may answer, and what it does. The documentation is made of these. */
export interface Route {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** Below `/api`, in Express' notation. */
  readonly path: string;
  readonly name: string;
  readonly summary: string;
  /** Whether it may be called without being logged in. @default false */
  readonly open?: boolean;
  /** @default none: it takes no body */
  readonly body?: z.ZodType;
  /** Request headers that mean something to it. @default none */
  readonly headers?: Readonly<Record<string, z.ZodType>>;
  /** Status → body on success; `undefined`: no body. */
  readonly answers: Readonly<Record<number, z.ZodType | undefined>>;
  /** Problems of its own; those that every operation may have are in `openapi.ts`. @default none */
  readonly problems?: readonly ProblemCode[];
  readonly handle: (call: Call) => Promise<Answer> | Answer;
}

export interface Call {
  readonly request: Request;
  readonly response: Response;
  readonly visitor: Visitor | undefined;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

/** The user of an operation that is not `open`. */
export function userOf({ visitor }: Call): string {
  if (visitor === undefined) throw new ProblemError('unauthenticated');
  return visitor.user;
}

/** Checks a value from outside. @throws ProblemError `bad-request` naming every field, value and rule at once */
export function check<T>(schema: z.ZodType<T>, value: unknown, name = 'body'): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap((issue): FieldError[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((field) => ({
        field,
        value: shown(at(value, [...issue.path, field])),
        rule: 'unknown field',
      }));
    }
    const field = issue.path.length === 0 ? name : issue.path.join('.');
    return [{ field, value: field === 'token' ? '(hidden)' : shown(at(value, issue.path)), rule: issue.message }];
  });
  throw new ProblemError('bad-request', undefined, errors);
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

/** A value as an error may repeat it: short. */
function shown(value: unknown): unknown {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) return null;
  return text.length > 200 ? `${text.slice(0, 200)}…` : value;
}
