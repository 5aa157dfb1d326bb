import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Identity, TokenBook } from './identity.js';
import { kubeconfig } from './kubeconfig.js';

/** Tokens and the kubeconfigs that lead to them, as files that only their owner may read. */
export class Credentials {
  readonly tokens = new TokenBook();
  private readonly tokenFiles = new Map<string, string>();

  /** @param directory where the files go */
  constructor(private readonly directory: string) {}

  /** Writes a kubeconfig for `identity`. @returns its path */
  async writeKubeconfig(
    identity: Identity,
    cluster: { readonly url: string; readonly caData: string; readonly namespace: string },
  ): Promise<string> {
    const name = identity.name.replaceAll(/[^A-Za-z0-9.-]/g, '_');
    const tokenFile = join(this.directory, `${name}.token`);
    const file = join(this.directory, `${name}.kubeconfig`);
    if (!this.tokenFiles.has(identity.name)) {
      this.tokenFiles.set(identity.name, tokenFile);
      await writeWhole(tokenFile, this.tokens.issue(identity));
    }
    await writeWhole(file, kubeconfig({ ...cluster, user: identity.name, tokenFile }));
    return file;
  }

  /** Issues a new token and writes it to the token file if there is one. @returns the token */
  async rotate(identity: Identity, keepOld: boolean): Promise<string> {
    if (!keepOld) this.tokens.revoke(identity.name);
    const token = this.tokens.issue(identity);
    const file = this.tokenFiles.get(identity.name);
    if (file !== undefined) await writeWhole(file, token);
    return token;
  }
}

/** Replaces a file in one step, so that no reader sees half of it. */
async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
