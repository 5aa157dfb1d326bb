import type { KubeConfig, User } from '@kubernetes/client-node';
import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';

/** The library does not export its interface by name. */
type Authenticator = Parameters<KubeConfig['addAuthenticator']>[0];

/** The name that a user's `authProvider` carries to be served by `TokenFileAuthenticator`. */
export const TOKEN_FILE_PROVIDER = 'berth-token-file';

/**
 * Sends the token that is in the file now. Projected ServiceAccount tokens rotate, so a copy goes stale; and a trailing
 * newline would make an invalid header.
 */
export class TokenFileAuthenticator implements Authenticator {
  isAuthProvider(user: User): boolean {
    return providerOf(user)?.name === TOKEN_FILE_PROVIDER;
  }

  /** @throws Error when the file cannot be read; its message names the file, never the token. */
  async applyAuthentication(user: User, options: RequestOptions): Promise<void> {
    const token = (await readFile(providerOf(user)?.config.file ?? '', 'utf8')).trim();
    options.headers = { ...(options.headers as Record<string, string>), Authorization: `Bearer ${token}` };
  }
}

/** A user that the authenticator serves. It must not carry `config.tokenFile`, or the library's own FileAuth wins. */
export function tokenFileUser(name: string, file: string): User {
  return { name, authProvider: { name: TOKEN_FILE_PROVIDER, config: { file } } };
}

function providerOf(user: User): { readonly name: string; readonly config: { readonly file: string } } | undefined {
  return user.authProvider as { name: string; config: { file: string } } | undefined;
}
