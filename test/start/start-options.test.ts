import { readStartOptions } from '../../service/start-options.js';

const userOf = (login: string, ...words: string[]): string | undefined => readStartOptions(words, login)?.user;

describe('whose sessions npm start makes', () => {
  test('on the pocket cluster yours; on a cluster that others use those of your login name, as a user’s name', () => {
    expect(userOf('Alice')).toBe('you');
    expect(userOf('Alice', '--kubeconfig', 'f')).toBe('alice');
    expect(userOf('CORP\\Ann Lee.', '--kubeconfig', 'f')).toBe('corp-ann-lee');
    expect(userOf('alice', '--kubeconfig', 'f', '--user', 'bob')).toBe('bob');
  });

  test('a login name that gives none must be replaced by --user', () => {
    for (const login of ['', '名前']) {
      expect(() => userOf(login, '--kubeconfig', 'f')).toThrow('--user "": want lower-case');
      expect(userOf(login, '--kubeconfig', 'f', '--user', 'bob')).toBe('bob');
    }
  });
});
