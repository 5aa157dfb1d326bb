import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Gate } from '../../service/bridge/access/gate.js';
import { UserDirectory } from '../../service/bridge/access/user-directory.js';
import { Command } from './command.js';

describe('npm run users', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'users-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const users = async (...words: string[]): Promise<{ code: number | null; output: string }> => {
    const command = new Command('users', words);
    try {
      return { code: await command.exit(), output: command.output };
    } finally {
      await command.clear();
    }
  };
  const here = (...words: string[]) => users(...words, '--directory', join(directory, 'users'));
  const tokenIn = (output: string): string => /^ {2}([\w-]{43})$/m.exec(output)?.[1] ?? '';
  /** Whom a bridge that reads the directory lets in. */
  const userWith = async (token: string): Promise<string | undefined> =>
    (await new Gate(new UserDirectory({ directory: join(directory, 'users') })).login(token))?.user;

  test('add, list and remove in a directory: a bridge lets in who is there, with the newest token alone', async () => {
    const first = await here('add', 'alice');
    expect(first.code).toBe(0);
    expect(await userWith(tokenIn(first.output))).toBe('alice');
    expect(await readFile(join(directory, 'users', 'alice'), 'utf8')).not.toContain(tokenIn(first.output));
    const second = await here('add', 'alice');
    expect(await userWith(tokenIn(second.output))).toBe('alice');
    expect(await userWith(tokenIn(first.output))).toBeUndefined();
    await here('add', 'bob.b-2');
    expect((await here('list')).output.trim()).toBe('alice\nbob.b-2');
    expect(await readdir(join(directory, 'users'))).toEqual(['alice', 'bob.b-2']);
    expect((await here('remove', 'alice')).code).toBe(0);
    expect(await userWith(tokenIn(second.output))).toBeUndefined();
    const again = await here('remove', 'alice');
    expect([again.code, again.output]).toEqual([1, expect.stringContaining('NAME "alice": not in')]);
  });

  test('without a directory it prints the kubectl commands, with the hash and never the token in them', async () => {
    const { output } = await users('add', 'alice', '--namespace', 'elsewhere');
    const hash = createHash('sha256').update(tokenIn(output)).digest('hex');
    const command = output.split('\n').find((line) => line.includes('kubectl')) ?? '';
    expect(command).toContain(`kubectl -n elsewhere create secret generic terminal-users --from-literal=alice=${hash}`);
    expect(command).not.toContain(tokenIn(output));
    expect((await users('remove', 'alice')).output).toContain(`-p '{"data":{"alice":null}}'`);
    expect((await users('list')).output).toContain('kubectl -n claudecode-terminal get secret terminal-users');
  });

  test.each([
    [
      ['add', '../x', 'bob', '--namespace', 'No!', '--directory', ''],
      ['NAME "../x": want lower-case', '"bob": one name', '--namespace "No!": want', '--directory "": want'],
    ],
    [['remove', `a'; rm -rf`], [`NAME "a'; rm -rf": want`]],
    [['list', 'alice'], ['"alice": list takes no name']],
    [['invite'], ['command "invite": want add, remove or list', 'NAME "": want']],
  ])('%j is refused with every problem', async (words, problems) => {
    const { code, output } = await users(...words);
    expect(code).toBe(1);
    for (const problem of problems) expect(output).toContain(problem);
    expect(tokenIn(output)).toBe('');
  });
});
