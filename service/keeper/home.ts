import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the shell gets: the keeper's environment without what is the keeper's own, and with what a terminal is. */
export function shellEnvironment(environment: Environment, shell: string): Record<string, string> {
  const kept = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('KEEPER_'),
  );
  return { ...Object.fromEntries(kept), SHELL: shell, TERM: 'xterm-256color', COLORTERM: 'truecolor' };
}

/** Gives an empty home the dotfiles that a new user has; one that is not empty, or not writable, stays as it is. */
export function furnishHome(home: string, skeleton = '/etc/skel'): void {
  try {
    if (readdirSync(home).length > 0) return;
    for (const name of readdirSync(skeleton)) {
      // Debian's clears the screen at logout: the last words of a session are to stay readable.
      if (name === '.bash_logout') continue;
      cpSync(join(skeleton, name), join(home, name), { recursive: true });
    }
  } catch {
    // A shell works without them.
  }
}
