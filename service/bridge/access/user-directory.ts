import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A user's name is a label value and a file name: what a session's Pod says it belongs to. */
export const USER_NAME_RULE = 'lower-case letters, digits, - and ., at most 63, first and last a letter or digit';

export function isUserName(name: string): boolean {
  return /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/.test(name);
}

/** How old, in milliseconds, the users may be before the directory is read again. */
const FRESH = 2_000;

/** The users: a directory with one file each, named like the user and holding the hex SHA-256 of the token. */
export class UserDirectory {
  private users: ReadonlyMap<string, Buffer> = new Map();
  private readAt = -Infinity;
  private reading: Promise<ReadonlyMap<string, Buffer>> | undefined;

  constructor(
    private readonly directory: string,
    /** Told about a file that is not a user. */
    private readonly report: (file: string, problem: string) => void = () => undefined,
    private readonly now: () => number = Date.now,
  ) {}

  /** Name → SHA-256 of the token, at most two seconds old. A directory that is not there has no users. */
  async current(): Promise<ReadonlyMap<string, Buffer>> {
    if (this.now() - this.readAt < FRESH) return this.users;
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    return this.reading;
  }

  private async read(): Promise<ReadonlyMap<string, Buffer>> {
    const users = new Map<string, Buffer>();
    for (const name of await this.files()) {
      const problem = await this.readUser(name, users);
      if (problem !== undefined) this.report(name, problem);
    }
    this.users = users;
    this.readAt = this.now();
    return users;
  }

  private async files(): Promise<string[]> {
    try {
      // The kubelet mounts a Secret as links into `..data`, which it swaps: names with a dot in front are its own.
      return (await readdir(this.directory)).filter((name) => !name.startsWith('.')).sort();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.report(this.directory, String(error));
      return [];
    }
  }

  private async readUser(name: string, users: Map<string, Buffer>): Promise<string | undefined> {
    if (!isUserName(name)) return `the name of a user: want ${USER_NAME_RULE}`;
    try {
      const hash = (await readFile(join(this.directory, name), 'utf8')).trim().toLowerCase();
      if (!/^[0-9a-f]{64}$/.test(hash)) return 'want the hex SHA-256 of the token, 64 digits';
      users.set(name, Buffer.from(hash, 'hex'));
      return undefined;
    } catch (error) {
      // Removed while we read: no longer a user.
      return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : String(error);
    }
  }
}
