import { createHash, randomBytes } from 'node:crypto';
import { SANDBOX_APP } from './pod.js';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const LENGTH = 12;

/** A session's id: 60 random bits. With an idempotency key: the same id for the same user and key. */
export function makeSessionId(user: string, key?: string): string {
  const bytes = key === undefined ? randomBytes(LENGTH) : createHash('sha256').update(`${user}\0${key}`).digest();
  return Array.from(bytes.subarray(0, LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

export function isSessionId(text: string): boolean {
  return /^[a-z2-7]{12}$/.test(text);
}

export function podName(id: string): string {
  return `${SANDBOX_APP}-${id}`;
}
