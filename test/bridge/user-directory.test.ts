import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { UserDirectory } from '../../service/bridge/access/user-directory.js';
import { addUser } from './bridge-bed.js';

describe('the users in a directory', () => {
  let directory: string;
  let reports: string[];
  let now: number;
  /** What the file system says of a file before it lets it be read, one for each attempt. */
  let failures: Record<string, string[]>;
  let users: UserDirectory;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'users-'));
    reports = [];
    now = 0;
    failures = {};
    users = new UserDirectory({
      directory,
      report: (file, problem) => void reports.push(`${basename(file)}: ${problem}`),
      now: () => now,
      readText: (file) => {
        const code = failures[basename(file)]?.shift();
        if (code !== undefined) throw Object.assign(new Error(`${code}, open`), { code });
        return readFile(file, 'utf8');
      },
    });
    await addUser(directory, 'alice');
    await addUser(directory, 'bob');
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  /** Who is known at the next reading. */
  const names = async (): Promise<string> => {
    now += 10_000;
    return [...(await users.current()).keys()].join();
  };

  test.each(['EMFILE', 'EIO', 'EACCES'])('%s for one file: its user stays, and everybody else', async (code) => {
    expect(await names()).toBe('alice,bob');
    failures['alice'] = [code];
    expect(await names()).toBe('alice,bob');
    expect(reports).toEqual([expect.stringMatching(`^alice: .*${code}`)]);
  });

  test('a user of whom nothing was ever read is none; the others come in', async () => {
    failures['alice'] = ['EMFILE'];
    expect(await names()).toBe('bob');
    expect(await names()).toBe('alice,bob');
  });

  test('a directory that cannot be read keeps the users it had; one that is gone has none', async () => {
    expect(await names()).toBe('alice,bob');
    await rename(directory, `${directory}-away`);
    await writeFile(directory, 'not a directory');
    expect(await names()).toBe('alice,bob');
    expect(reports).toEqual([expect.stringContaining('ENOTDIR')]);
    await rm(directory);
    expect(await names()).toBe('');
    await rename(`${directory}-away`, directory);
    expect(await names()).toBe('alice,bob');
  });

  test('a directory that could never be read has no users', async () => {
    await rm(directory, { recursive: true });
    await symlink(directory, directory);
    expect(await names()).toBe('');
    expect(reports).toEqual([expect.stringContaining('ELOOP')]);
  });

  test('a file that is away for an instant, as when the kubelet swaps the Secret, is read again; a removed one is not', async () => {
    expect(await names()).toBe('alice,bob');
    failures['alice'] = ['ENOENT'];
    expect(await names()).toBe('alice,bob');
    failures['alice'] = ['ENOENT', 'ENOENT'];
    expect(await names()).toBe('bob');
    await rm(join(directory, 'bob'));
    expect(await names()).toBe('alice');
    expect(reports).toEqual([]);
  });

  test('a removed user is out also while another file cannot be read', async () => {
    expect(await names()).toBe('alice,bob');
    failures['alice'] = ['EMFILE'];
    await rm(join(directory, 'bob'));
    expect(await names()).toBe('alice');
  });

  test('junk is no user, and is reported once until it changes', async () => {
    await writeFile(join(directory, 'Carol'), '');
    await writeFile(join(directory, 'dave'), 'not a hash');
    await mkdir(join(directory, 'erin'));
    for (let reading = 0; reading < 3; reading += 1) expect(await names()).toBe('alice,bob');
    expect(reports.map((report) => report.split(':')[0])).toEqual(['Carol', 'dave', 'erin']);
    await addUser(directory, 'dave');
    expect(await names()).toBe('alice,bob,dave');
    await writeFile(join(directory, 'dave'), 'junk again');
    expect(await names()).toBe('alice,bob');
    expect(reports.slice(3)).toEqual([expect.stringContaining('dave: want the hex SHA-256')]);
  });
});
