import { createHash } from 'node:crypto';
import { join, relative } from 'node:path';
import { ApiClient } from '../stories/api-client.js';
import { REPOSITORY } from './cache.js';
import { run } from './command.js';
import { eventually } from './eventually.js';
import type { Kubectl } from './kubectl.js';
import type { Progress } from './lab.js';
import { USERS, type StageRecord, type UserName } from './stage-record.js';

/** The terminal's namespace. */
export const NAMESPACE = 'claudecode-terminal';
/** Name of the bridge's Deployment, Service and ServiceAccount. */
export const BRIDGE = 'web-terminal-service';

/**
 * What the README tells an operator to do, once the images are on the nodes: apply the manifests as they are, `cdk8s.out`
 * unless another folder is named, and add users by the script and the command that it prints. Returns when the bridge is Ready and every replica knows the users.
 */
export async function deployTerminal(
  kubectl: Kubectl,
  url: string,
  progress: Progress,
  manifests = join(REPOSITORY, 'cdk8s.out'),
): Promise<Pick<StageRecord, 'url' | 'tokens'>> {
  const inNamespace = (...args: readonly string[]): Promise<string> => kubectl.run(['-n', NAMESPACE, ...args]);
  const earlier = await inNamespace('get', 'deployment', BRIDGE).then(
    () => true,
    () => false,
  );
  progress(`kubectl apply -f ${relative(REPOSITORY, manifests)}`);
  await kubectl.run(['apply', '-f', manifests]);
  progress(`users: ${USERS.join(', ')}`);
  const tokens: Partial<Record<UserName, string>> = {};
  for (const name of USERS) tokens[name] = await addUser(kubectl, name);
  const users = tokens as Readonly<Record<UserName, string>>;
  progress('waiting for the bridge to be Ready and to know its users');
  // The image has the same name as the one before it: only a new Pod runs it.
  if (earlier) await inNamespace('rollout', 'restart', `deployment/${BRIDGE}`);
  await inNamespace('rollout', 'status', `deployment/${BRIDGE}`, '--timeout=180s');
  await usersArrive(inNamespace, users);
  for (const token of Object.values(users)) {
    // A replica may look at its users two seconds later.
    await eventually('a login', () => ApiClient.login(url, token), { within: 10_000, every: 1000 });
  }
  return { url, tokens: users };
}

async function addUser(kubectl: Kubectl, name: string): Promise<string> {
  const script = ['--no-warnings', '--loader', 'ts-node/esm', 'service/users.ts'];
  const said = await run(process.execPath, [...script, 'add', name], { cwd: REPOSITORY });
  const token = /^ {2}([\w-]{43})$/m.exec(said)?.[1];
  const command = /^ {2}(kubectl .*)$/m.exec(said)?.[1];
  if (token === undefined || command === undefined)
    throw new Error('`npm run users -- add` printed no token or no command');
  await kubectl.paste(command);
  return token;
}

/** The kubelet hands a changed Secret to running Pods within about a minute: to each by itself. */
async function usersArrive(
  inNamespace: (...args: readonly string[]) => Promise<string>,
  users: Readonly<Record<string, string>>,
): Promise<void> {
  const hashes = Object.values(users).map((token) => createHash('sha256').update(token).digest('hex'));
  // Asked afresh each time: a replica that is being replaced may go while it is looked at.
  const known = async (): Promise<boolean> => {
    const names = await inNamespace('get', 'pods', '-l', `app.kubernetes.io/name=${BRIDGE}`, '-o', 'name');
    for (const pod of names.trim().split('\n')) {
      const text = await inNamespace('exec', pod, '--', 'sh', '-c', 'cat /etc/berth/users/*');
      if (!hashes.every((hash) => text.includes(hash))) return false;
    }
    return true;
  };
  await eventually('every bridge to see the users', known, { within: 150_000, every: 1000 });
}
