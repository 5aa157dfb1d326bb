import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A user's name is a label value and a file name: what a session's Pod says it belongs to. */
export const USER_NAME_RULE = 'lower-case letters, digits, - and ., at most 63, first and last a letter or digit';

export function isUserName(name: string): boolean {
  return /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/.test(name);
}

/** How old, in milliseconds, the users may be before the directory is read again. */
const FRESH = 2_000;

type Users = ReadonlyMap<string, Buffer>;

export interface UserDirectoryProps {
  /** One file each, named like the user and holding the hex SHA-256 of the token. */
  readonly directory: string;
  /** Told about a file that is not a user or cannot be read, once until that changes. @default nobody is told */
  readonly report?: (file: string, problem: string) => void;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
  /** @default from the file system */
  readonly readText?: (file: string) => Promise<string>;
}

/**
 * The users. A mishap of reading (too many open files, a disk that fails) is no removal: who was known stays, or every
 * open terminal would be closed. Who was never read is not known.
 */
export class UserDirectory {
  private users: Users = new Map();
  private problems: ReadonlyMap<string, string> = new Map();
  private readAt = -Infinity;
  private reading: Promise<Users> | undefined;

  constructor(private readonly props: UserDirectoryProps) {}

  /** Name → SHA-256 of the token, at most two seconds old. A directory that is not there has no users. */
  async current(): Promise<Users> {
    if (this.now() - this.readAt < FRESH) return this.users;
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    return this.reading;
  }

  private async read(): Promise<Users> {
    const { directory } = this.props;
    const problems = new Map<string, string>();
    try {
      this.users = await this.readAll(problems);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') this.users = new Map();
      else problems.set(directory, String(error));
    }
    for (const [file, problem] of problems) {
      if (this.problems.get(file) !== problem) this.props.report?.(file, problem);
    }
    this.problems = problems;
    this.readAt = this.now();
    return this.users;
  }

  /** @throws NodeJS.ErrnoException when the directory cannot be listed */
  private async readAll(problems: Map<string, string>): Promise<Users> {
    // The kubelet mounts a Secret as links into `..data`, which it swaps: names with a dot in front are its own.
    const names = (await readdir(this.props.directory)).filter((name) => !name.startsWith('.')).sort();
    const users = new Map<string, Buffer>();
    for (const name of names) {
      const { hash, problem } = await this.readUser(name);
      if (hash !== undefined) users.set(name, hash);
      if (problem !== undefined) problems.set(name, problem);
    }
    return users;
  }

  /** Neither a hash nor a problem: removed while the directory was read. */
  private async readUser(name: string): Promise<{ readonly hash?: Buffer | undefined; readonly problem?: string }> {
    if (!isUserName(name)) return { problem: `the name of a user: want ${USER_NAME_RULE}` };
    try {
      const hash = (await this.readTwice(join(this.props.directory, name))).trim().toLowerCase();
      if (!/^[0-9a-f]{64}$/.test(hash)) return { problem: 'want the hex SHA-256 of the token, 64 digits' };
      return { hash: Buffer.from(hash, 'hex') };
    } catch (error) {
      return codeOf(error) === 'ENOENT' ? {} : { hash: this.users.get(name), problem: String(error) };
    }
  }

  /** Once more when the file is not there: while `..data` is swapped, a link can lead nowhere for an instant. */
  private async readTwice(file: string): Promise<string> {
    const read = this.props.readText ?? ((path: string) => readFile(path, 'utf8'));
    try {
      return await read(file);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      return read(file);
    }
  }

  private now(): number {
    return (this.props.now ?? Date.now)();
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
