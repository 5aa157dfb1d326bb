import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isUserName, USER_NAME_RULE } from './bridge/access/user-directory.js';
import { makeUserToken } from './user-token.js';

const USAGE = `npm run users -- add NAME [--namespace NS]     a new token, and the command that stores its hash
npm run users -- remove NAME [--namespace NS]  the command that removes the user
npm run users -- list [--namespace NS]         the command that lists the users
with --directory D the files of D are changed instead (a bridge on this machine, USERS_DIR=D)`;

const SECRET = 'terminal-users';

async function main(): Promise<string> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      namespace: { type: 'string', default: 'claudecode-terminal' },
      directory: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [command = '', name = '', ...more] = positionals;
  if (values.help) return USAGE;
  const problems = [
    ...(['add', 'remove', 'list'].includes(command) ? [] : [`command "${command}": want add, remove or list`]),
    ...(command === 'list' ? (name === '' ? [] : [`"${name}": list takes no name`]) : nameProblems(name)),
    ...more.map((word) => `"${word}": one name at a time`),
    ...(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(values.namespace)
      ? []
      : [`--namespace "${values.namespace}": want the name of a namespace`]),
    ...(values.directory === '' ? ['--directory "": want a directory'] : []),
  ];
  if (problems.length > 0) throw new Error(`${problems.join('\n')}\n\n${USAGE}`);
  const { directory, namespace } = values;
  if (command === 'add') return add(name, namespace, directory);
  if (command === 'remove') return remove(name, namespace, directory);
  return directory === undefined ? secretCommands(namespace).list : (await usersIn(directory)).join('\n');
}

function nameProblems(name: string): string[] {
  return isUserName(name) ? [] : [`NAME "${name}": want ${USER_NAME_RULE}`];
}

async function add(name: string, namespace: string, directory: string | undefined): Promise<string> {
  const { token, hash } = makeUserToken();
  const once = `The token of ${name}, shown this once:\n\n  ${token}\n`;
  if (directory === undefined) {
    const store = secretCommands(namespace).add(name, hash);
    return `${once}\nStore its hash (a new token for the same name ends the old one):\n\n  ${store}\n\nThe kubelet hands it to the bridges within about a minute.`;
  }
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // In one step: a bridge may read the directory at any moment, and a name with a dot in front is no user to it.
  const aside = join(directory, `.${name}-${process.pid}`);
  await writeFile(aside, `${hash}\n`, { mode: 0o600 });
  await rename(aside, join(directory, name));
  return `${once}\nIts hash is in ${join(directory, name)}.`;
}

async function remove(name: string, namespace: string, directory: string | undefined): Promise<string> {
  if (directory === undefined) return secretCommands(namespace).remove(name);
  const users = await usersIn(directory);
  if (!users.includes(name)) throw new Error(`NAME "${name}": not in ${directory}`);
  await rm(join(directory, name));
  return `${name} is no longer a user.`;
}

async function usersIn(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => isUserName(name)).sort();
}

/** The commands for an operator. */
function secretCommands(namespace: string): {
  readonly list: string;
  readonly add: (name: string, hash: string) => string;
  readonly remove: (name: string) => string;
} {
  const kubectl = `kubectl -n ${namespace}`;
  const made = (name: string, hash: string): string =>
    `${kubectl} create secret generic ${SECRET} --from-literal=${name}=${hash} --dry-run=client -o yaml`;
  return {
    list: `${kubectl} get secret ${SECRET} -o go-template='{{range $name, $hash := .data}}{{$name}}{{"\\n"}}{{end}}'`,
    // Each user has a field manager: the first makes the Secret, and none takes away another's key.
    add: (name, hash) =>
      `${made(name, hash)} | ${kubectl} apply --server-side --force-conflicts --field-manager=user-${name} -f -`,
    remove: (name) =>
      `${kubectl} patch secret ${SECRET} --type merge -p '${JSON.stringify({ data: { [name]: null } })}'`,
  };
}

try {
  console.log(await main());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
