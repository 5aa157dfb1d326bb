import { z } from 'zod';
import type { Sessions } from '../sessions/sessions.js';
import { check, userOf, type Call, type Route } from './route.js';
import { idempotencyKey, newSession, profileView, renameSession, sessionView } from './schemas.js';

const one = ['no-session', 'session-ended'] as const;

/** Sessions and profiles. */
export function sessionRoutes(sessions: Sessions): Route[] {
  return [
    {
      method: 'get',
      path: '/profiles',
      name: 'listProfiles',
      summary: 'The shapes of sandbox to choose from; the default first.',
      answers: { 200: z.array(profileView) },
      handle: () => ({ status: 200, body: sessions.profiles() }),
    },
    {
      method: 'get',
      path: '/sessions',
      name: 'listSessions',
      summary: 'Your sessions, oldest first, with those that ended a short while ago.',
      answers: { 200: z.array(sessionView) },
      handle: (call) => ({ status: 200, body: sessions.list(userOf(call)) }),
    },
    {
      method: 'post',
      path: '/sessions',
      name: 'createSession',
      summary: 'Creates a session; 200 instead of 201 when the Idempotency-Key was seen before.',
      body: newSession,
      headers: { 'Idempotency-Key': idempotencyKey },
      answers: { 200: sessionView, 201: sessionView },
      problems: ['unknown-profile', 'too-many-sessions', 'session-ended', 'cluster-full'],
      handle: async (call) => {
        const { profile, name } = check(newSession, call.request.body ?? {});
        const header = call.request.get('Idempotency-Key');
        const key = header === undefined ? undefined : check(idempotencyKey, header, 'Idempotency-Key');
        const { session, created } = await sessions.create(userOf(call), { profile, name, key });
        call.response.location(`${call.request.baseUrl}/sessions/${session.id}`);
        return { status: created ? 201 : 200, body: session };
      },
    },
    {
      method: 'get',
      path: '/sessions/:id',
      name: 'getSession',
      summary: 'A fresh look at one session.',
      answers: { 200: sessionView },
      problems: one,
      handle: async (call) => ({ status: 200, body: await sessions.find(userOf(call), idOf(call)) }),
    },
    {
      method: 'patch',
      path: '/sessions/:id',
      name: 'renameSession',
      summary: 'Renames a session; the empty name takes it away.',
      body: renameSession,
      answers: { 200: sessionView },
      problems: one,
      handle: async (call) => {
        const { name } = check(renameSession, call.request.body);
        return { status: 200, body: await sessions.rename(userOf(call), idOf(call), name) };
      },
    },
    {
      method: 'delete',
      path: '/sessions/:id',
      name: 'endSession',
      summary: 'Ends a session: its sandbox and the files in it are deleted, and every viewer is told.',
      answers: { 204: undefined },
      problems: one,
      handle: async (call) => {
        await sessions.end(userOf(call), idOf(call));
        return { status: 204 };
      },
    },
  ];
}

function idOf({ request }: Call): string {
  return String(request.params['id']);
}
