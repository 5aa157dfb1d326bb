import type { FieldError } from '../../protocol/api.js';

/** The longest name that people may give a session, in characters. */
export const NAME_LENGTH = 64;

/** The rule in words; the same for creating and renaming. Empty: the page shows the id. */
export const NAME_RULE = `at most ${NAME_LENGTH} characters, no control characters`;

export function checkName(name: string): FieldError | undefined {
  const bad = Array.from(name).length > NAME_LENGTH || /\p{Cc}|\p{Zl}|\p{Zp}|\p{Cs}/u.test(name);
  return bad ? { field: 'name', value: name.slice(0, 200), rule: NAME_RULE } : undefined;
}
