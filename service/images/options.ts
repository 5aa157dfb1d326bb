import { parseArgs } from 'node:util';
import { BUILDERS, type Builder } from './builder.js';
import { IMAGES, type BuildArgument, type Image } from './image.js';
import { RUNTIMES, isNodeName, type Runtime } from './node-target.js';

/** What one call can do, in the order in which it is done. */
export const ACTIONS = ['build', 'save', 'push', 'import', 'check'] as const;
export type Action = (typeof ACTIONS)[number];

/** One call of the image script, read and checked. */
export interface Options {
  readonly actions: readonly Action[];
  readonly images: readonly Image[];
  /** Undefined: the first that works. */
  readonly builder: Builder | undefined;
  readonly nodes: readonly string[];
  /** Undefined: whatever each node has. */
  readonly runtime: Runtime | undefined;
  readonly registry: string;
  /** Only those given; the Dockerfiles declare the defaults. */
  readonly buildArguments: Readonly<Partial<Record<BuildArgument, string>>>;
  readonly caCertificates: string | undefined;
  readonly platform: string | undefined;
  readonly archives: string;
  readonly dryRun: boolean;
}

export const USAGE = `npm run images -- ACTION… [options]

build    builds the images and writes an archive of each
save     writes the archives again, from what the builder has
push     pushes the images; --registry says where to
import   loads the archives into containerd on every node and pins them there
check    says which node lacks which image

--builder NAME           ${BUILDERS.join(', ')} (the first that works)
--nodes NODE,…           local, or what ssh knows as a host (local)
--runtime NAME           ${RUNTIMES.join(', ')} (what each node has)
--only IMAGE,…           ${IMAGES.map(({ name }) => name).join(', ')} (all)
--base REF               the image that bridge and sandbox stand on, Ubuntu or Debian
--node-image REF         the image that Node and npm come from
--claude-code VERSION    the release of the Claude Code CLI
--ca-certificates FILE   authorities that npm trusts during the build, as PEM
--platform OS/ARCH       if the nodes are not like this machine
--registry PREFIX        what stands before the images' names (localhost)
--archives FOLDER        where the archives are (.cache/images)
--dry-run                prints the commands and runs none`;

const FULL_REFERENCE =
  /^(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+|[a-z0-9.-]+:\d+)(?:\/[a-z0-9._-]+)+(?::[\w][\w.-]*|@sha256:[0-9a-f]{64})$/;
const REGISTRY = /^(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+|[a-z0-9.-]+:\d+)(?::\d+)?(?:\/[a-z0-9._-]+)*$/;

const string = { type: 'string' } as const;
const flags = {
  builder: string,
  nodes: string,
  runtime: string,
  only: string,
  base: string,
  'node-image': string,
  'claude-code': string,
  'ca-certificates': string,
  platform: string,
  registry: string,
  archives: string,
  'dry-run': { type: 'boolean' },
} as const;

/**
 * Reads the words behind `npm run images --`.
 *
 * @param exists whether a file is there; asked for the certificates only
 * @returns the options, or every problem, each naming the option, its value and the rule
 */
export function readOptions(words: readonly string[], exists: (file: string) => boolean): Options | string[] {
  let parsed;
  try {
    parsed = parseArgs({ args: [...words], options: flags, allowPositionals: true });
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  const { values, positionals } = parsed;
  const problems: string[] = [];

  const listed = (flag: string, text: string | undefined, valid: (word: string) => boolean, rule: string): string[] => {
    const chosen = (text ?? '').split(',').filter((word) => word !== '');
    if (text !== undefined && chosen.length === 0) problems.push(`${flag}: is empty, want ${rule}`);
    problems.push(...chosen.filter((word) => !valid(word)).map((word) => `${flag}: "${word}" is not ${rule}`));
    return chosen;
  };
  const checked = (flag: string, text: string | undefined, rule: string, valid: (word: string) => boolean): void => {
    if (text !== undefined && !valid(text)) problems.push(`${flag}: "${text}" is not ${rule}`);
  };
  const oneOf = <T extends string>(flag: string, text: string | undefined, choices: readonly T[]): T | undefined => {
    checked(flag, text, `one of ${choices.join(', ')}`, (word) => choices.some((choice) => choice === word));
    return choices.find((choice) => choice === text);
  };

  for (const word of positionals) oneOf('action', word, ACTIONS);
  if (positionals.length === 0) problems.push(`action: none given, want one or more of ${ACTIONS.join(', ')}`);
  const builder = oneOf('--builder', values.builder, BUILDERS);
  const runtime = oneOf('--runtime', values.runtime, RUNTIMES);
  const nodes = listed('--nodes', values.nodes, isNodeName, 'local, a host or user@host');
  const names = IMAGES.map(({ name }) => name);
  const only = listed('--only', values.only, (name) => names.includes(name), `one of ${names.join(', ')}`);
  const reference = 'a full reference such as docker.io/library/ubuntu:22.04';
  checked('--base', values.base, reference, (word) => FULL_REFERENCE.test(word));
  checked('--node-image', values['node-image'], reference, (word) => FULL_REFERENCE.test(word));
  checked('--claude-code', values['claude-code'], 'a version such as 2.1.197', (word) => /^\d+\.\d+\.\d+$/.test(word));
  checked(
    '--ca-certificates',
    values['ca-certificates'],
    'a file that exists, without a comma',
    (file) => exists(file) && !file.includes(','),
  );
  checked('--platform', values.platform, 'a platform such as linux/amd64', (word) =>
    /^linux\/[a-z0-9]+(\/v\d)?$/.test(word),
  );
  checked('--registry', values.registry, 'localhost or a registry such as registry.example.org/berth', (word) =>
    REGISTRY.test(word),
  );
  if (positionals.includes('push') && (values.registry ?? 'localhost') === 'localhost') {
    problems.push('push: there is no registry to push to; give --registry');
  }
  if (problems.length > 0) return problems;

  return {
    actions: ACTIONS.filter((action) => positionals.includes(action)),
    images: IMAGES.filter(({ name }) => only.length === 0 || only.includes(name)),
    builder,
    nodes: nodes.length === 0 ? ['local'] : [...new Set(nodes)],
    runtime,
    registry: values.registry ?? 'localhost',
    buildArguments: {
      ...(values.base === undefined ? {} : { BASE: values.base }),
      ...(values['node-image'] === undefined ? {} : { NODE_IMAGE: values['node-image'] }),
      ...(values['claude-code'] === undefined ? {} : { CLAUDE_CODE_VERSION: values['claude-code'] }),
    },
    caCertificates: values['ca-certificates'],
    platform: values.platform,
    archives: values.archives ?? '.cache/images',
    dryRun: values['dry-run'] ?? false,
  };
}
