import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface Options {
  /** @default all that this kind of cluster has */
  readonly only?: readonly string[] | undefined;
  /** @default those that are installed */
  readonly contenders?: readonly string[] | undefined;
  /** A file for the figures. @default none */
  readonly json?: string | undefined;
  readonly quick: boolean;
  readonly markdown: boolean;
  readonly build: boolean;
  /** A deployment to measure. @default none: a pocket cluster is started */
  readonly cluster?: ClusterOptions | undefined;
}

export interface ClusterOptions {
  readonly url: string;
  readonly token: string;
  readonly kubeconfig: string;
  readonly kubectl: readonly string[];
}

/** @throws Error with every problem of the command line, a line for each */
export function readOptions(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  known: { readonly measures: readonly string[]; readonly contenders: readonly string[] },
): Options | 'help' {
  const { values } = parseArgs({
    args: [...words],
    options: {
      only: { type: 'string' },
      contenders: { type: 'string' },
      json: { type: 'string' },
      quick: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      'no-build': { type: 'boolean', default: false },
      cluster: { type: 'boolean', default: false },
      url: { type: 'string' },
      token: { type: 'string' },
      kubeconfig: { type: 'string' },
      kubectl: { type: 'string', default: 'kubectl' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const problems: string[] = [];
  const list = (name: 'only' | 'contenders', allowed: readonly string[]): string[] | undefined => {
    const wanted = values[name]?.split(',').map((word) => word.trim());
    const wrong = wanted?.filter((word) => !allowed.includes(word)) ?? [];
    if (wrong.length > 0) problems.push(`--${name} ${wrong.join(',')}: want some of ${allowed.join(', ')}`);
    return wanted;
  };
  const only = list('only', known.measures);
  const contenders = list('contenders', known.contenders);
  const required = (name: string, value: string | undefined, rule: string): string => {
    if (value === undefined || value === '') problems.push(`${name}: missing; want ${rule}`);
    return value ?? '';
  };
  const cluster = values.cluster
    ? {
        url: required('--url', values.url, 'the address of the bridge, e.g. http://node:31000').replace(/\/$/, ''),
        token: required('--token', values.token, 'the token of a user'),
        kubeconfig: required('--kubeconfig', values.kubeconfig ?? environment['KUBECONFIG'], 'a file, or KUBECONFIG'),
        kubectl: values.kubectl.split(' ').filter((word) => word !== ''),
      }
    : undefined;
  for (const name of ['url', 'token', 'kubeconfig'] as const) {
    if (!values.cluster && values[name] !== undefined) problems.push(`--${name}: want it together with --cluster`);
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const { json, quick, markdown } = values;
  return { only, contenders, json, quick, markdown, build: !values['no-build'], cluster };
}
