import { z } from 'zod';
import { END_REASONS } from '../../protocol/control-message.js';
import type {
  AccountView,
  LoginRequest,
  NewSession,
  Problem,
  ProfileView,
  RenameSession,
  SessionView,
  StatusView,
} from '../../protocol/api.js';
import { NAME_RULE } from '../sessions/session-name.js';

/*
 * What comes in is checked with these, and the documentation is made from them. What goes out is typed by the protocol;
 * `satisfies` keeps the two the same.
 */

const profileName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'the name of a profile: lower-case letters, digits, - and .');

export const loginRequest = z.strictObject({
  token: z.string().min(1, 'must not be empty').max(200, 'at most 200 characters'),
}) satisfies z.ZodType<LoginRequest>;

export const newSession = z.strictObject({
  profile: profileName.optional(),
  name: z.string().max(200, NAME_RULE).describe(NAME_RULE).optional(),
}) satisfies z.ZodType<NewSession>;

export const renameSession = z.strictObject({
  name: z.string().max(200, NAME_RULE).describe(NAME_RULE),
}) satisfies z.ZodType<RenameSession>;

/** The header of the same name; the same key gives the same session. */
export const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/, '1 to 128 printable ASCII characters, no spaces');

export const sessionView = z.object({
  id: z.string(),
  name: z.string(),
  profile: z.string(),
  phase: z.enum(['starting', 'running', 'lost', 'ending', 'ended']),
  createdAt: z.string(),
  message: z.string().optional(),
  endReason: z.enum(END_REASONS).optional(),
  node: z.string().optional(),
}) satisfies z.ZodType<SessionView>;

export const profileView = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  default: z.boolean(),
}) satisfies z.ZodType<ProfileView>;

export const accountView = z.object({
  user: z.string(),
  banner: z.string().optional(),
}) satisfies z.ZodType<AccountView>;

export const statusView = z.object({
  users: z.boolean(),
  secure: z.boolean(),
  namespace: z.string(),
  banner: z.string().optional(),
}) satisfies z.ZodType<StatusView>;

export const problem = z.object({
  type: z.string(),
  code: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string().optional(),
  errors: z.array(z.object({ field: z.string(), value: z.unknown(), rule: z.string() })).optional(),
}) satisfies z.ZodType<Problem>;
