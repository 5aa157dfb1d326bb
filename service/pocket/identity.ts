import { createHash, randomBytes } from 'node:crypto';

/** Who makes a request. */
export interface Identity {
  readonly name: string;
  readonly groups: readonly string[];
}

/** The one who may do everything, as kubeadm's admin.conf. */
export const ADMIN: Identity = { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

/** The identity of a Pod's token. */
export function serviceAccount(namespace: string, name: string): Identity {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}

/** Bearer tokens and whose they are. Tokens are random and only their hashes are kept. */
export class TokenBook {
  private readonly owners = new Map<string, Identity>();

  /** A new token for `identity`; older ones stay valid. */
  issue(identity: Identity): string {
    const token = randomBytes(32).toString('base64url');
    this.owners.set(digest(token), identity);
    return token;
  }

  /** Makes every token of `name` invalid. */
  revoke(name: string): void {
    for (const [hash, owner] of this.owners) if (owner.name === name) this.owners.delete(hash);
  }

  /** Who sent this Authorization header; `undefined` when nobody known did. */
  identify(authorization: string | undefined): Identity | undefined {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    return token === undefined ? undefined : this.owners.get(digest(token));
  }
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
