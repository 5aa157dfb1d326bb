import { parseArgs } from 'node:util';
import { isUserName, USER_NAME_RULE } from './bridge/access/user-directory.js';

/** What `npm start` was asked for. */
export interface StartOptions {
  /** @default none: the pocket cluster */
  readonly kubeconfig?: string | undefined;
  /** @default the kubeconfig's current context */
  readonly context?: string | undefined;
  /** 0: any free one. */
  readonly port: number;
  readonly user: string;
  readonly namespace: string;
}

export const START_USAGE = `npm start                                 the pocket cluster and the bridge, on this machine
npm start -- --kubeconfig F [--context C] the bridge on this machine, the sandboxes on a real cluster
options: --port N (3000; 0: any free one), --namespace NS (claudecode-terminal),
         --user NAME (you; on a real cluster your login name here, for its sessions belong to names)`;

/**
 * Reads the command line; `undefined`: the usage was asked for.
 *
 * @param login the name of whoever runs this, the user on a cluster that others use as well
 * @throws Error with every problem at once
 */
export function readStartOptions(words: readonly string[], login: string): StartOptions | undefined {
  const { values } = parseArgs({
    args: [...words],
    options: {
      kubeconfig: { type: 'string' },
      context: { type: 'string' },
      port: { type: 'string', default: '3000' },
      user: { type: 'string' },
      namespace: { type: 'string', default: 'claudecode-terminal' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const { kubeconfig, context, namespace } = values;
  const user = values.user ?? (kubeconfig === undefined ? 'you' : userNamed(login));
  const rules: [boolean, string][] = [
    [kubeconfig !== '', '--kubeconfig "": want a file'],
    [context === undefined || kubeconfig !== undefined, `--context "${context ?? ''}": want --kubeconfig with it`],
    [/^\d{1,5}$/.test(values.port) && Number(values.port) <= 65_535, `--port "${values.port}": want 0 to 65535`],
    [isUserName(user), `--user "${user}": want ${USER_NAME_RULE}`],
    [
      /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace),
      `--namespace "${namespace}": want the name of a namespace`,
    ],
  ];
  const problems = rules.flatMap(([kept, problem]) => (kept ? [] : [problem]));
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return { kubeconfig, context, port: Number(values.port), user, namespace };
}

/** The user's name that is nearest to a login name; '' when there is none. */
function userNamed(login: string): string {
  return login
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .slice(0, 63)
    .replace(/^[.-]+|[.-]+$/g, '');
}
