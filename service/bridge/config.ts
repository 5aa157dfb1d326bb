import { isIP } from 'node:net';
import { z } from 'zod';

/** Everything that the bridge can be told; the environment variables of ARCHITECTURE.md, read and checked. */
export interface BridgeConfig {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly opsPort: number;
  readonly namespace: string;
  readonly usersDirectory: string;
  /** @default none: the API without the page */
  readonly clientDirectory?: string | undefined;
  readonly allowedOrigins: readonly string[];
  /** '' or `/path`. */
  readonly basePath: string;
  /** Whose X-Forwarded headers are believed: nobody's, those of so many hops, or of these addresses. */
  readonly trustProxy: false | number | string;
  readonly sessionsPerUser: number;
  readonly viewersPerSession: number;
  readonly loginAttemptsPerMinute: number;
  readonly finishedTtlSeconds: number;
  readonly startLimitSeconds: number;
  readonly drainSeconds: number;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** @default none */
  readonly banner?: string | undefined;
  /** @default none: the Pod's ServiceAccount */
  readonly kubeconfig?: string | undefined;
  /** @default the kubeconfig's current context */
  readonly kubeContext?: string | undefined;
  /** The API server inside a cluster, `host:port`. @default none: there is a kubeconfig */
  readonly serviceAddress?: string | undefined;
}

/** All that is wrong with the environment, one line for each variable: its name, its value, the rule. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(
      `the bridge's environment has ${problems.length} problem(s):\n${problems.map((line) => `  ${line}`).join('\n')}`,
    );
  }
}

const whole = (least: number, most: number, standard: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .refine((value) => value >= least && value <= most)
    .default(standard)
    .describe(`a whole number from ${least} to ${most}`);

const text = (rule: string) => z.string().min(1).describe(rule);
const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const VARIABLES = {
  HOST: z
    .string()
    .refine((value) => isIP(value) !== 0 || value === 'localhost')
    .default('127.0.0.1')
    .describe('an IP address to listen on'),
  PORT: whole(0, 65_535, 3000),
  OPS_PORT: whole(0, 65_535, 9090),
  NAMESPACE: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
    .default('claudecode-terminal')
    .describe('the name of a namespace'),
  USERS_DIR: text('a directory').default('/etc/berth/users'),
  CLIENT_DIR: text('a directory').optional(),
  ALLOWED_ORIGINS: z
    .string()
    .transform((value) => value.split(',').map((origin) => origin.trim()))
    .refine((origins) => origins.every(isOrigin))
    .default([])
    .describe('origins with commas between them, each like https://terminal.example:8443'),
  BASE_PATH: z
    .string()
    .regex(/^(\/[A-Za-z0-9._~-]+)+$/)
    .default('')
    .describe('a path that begins with / and does not end with it'),
  TRUST_PROXY: z
    .string()
    .transform((value) => (/^\d{1,2}$/.test(value) ? Number(value) : value === 'false' ? false : value))
    .refine((value) => typeof value !== 'string' || value.split(',').every((part) => isNetwork(part.trim())))
    .default(false)
    .describe('false, a number of hops, or addresses and networks with commas between them'),
  SESSIONS_PER_USER: whole(1, 10_000, 4),
  VIEWERS_PER_SESSION: whole(1, 1_000, 8),
  LOGIN_ATTEMPTS_PER_MINUTE: whole(1, 10_000, 10),
  FINISHED_TTL_SECONDS: whole(0, 86_400, 300),
  START_LIMIT_SECONDS: whole(60, 604_800, 3_600),
  DRAIN_SECONDS: whole(0, 3_600, 20),
  LOG_LEVEL: z
    .enum(levels)
    .default('info')
    .describe(`one of ${levels.join(', ')}`),
  BANNER: z.string().max(500).optional().describe('a sentence of at most 500 characters'),
  KUBECONFIG: text('one kubeconfig file').optional(),
  KUBE_CONTEXT: text('a context of the kubeconfig').optional(),
  KUBERNETES_SERVICE_HOST: text('the address of the API server, set by Kubernetes').optional(),
  KUBERNETES_SERVICE_PORT: whole(1, 65_535, 443),
};

/** Reads the environment. @throws ConfigError with every problem at once. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): BridgeConfig {
  // An empty variable is an unset one: manifests cannot leave a name out conditionally.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const result = z.object(VARIABLES).safeParse(given);
  const problems = result.success ? [] : problemsOf(result.error, given);
  const reachable = given['KUBECONFIG'] ?? given['KUBERNETES_SERVICE_HOST'];
  if (reachable === undefined) problems.push('KUBECONFIG is not set: want one kubeconfig file, or to run in a Pod');
  if (!result.success || problems.length > 0) throw new ConfigError(problems);
  const v = result.data;
  const address = v.KUBERNETES_SERVICE_HOST;
  return {
    host: v.HOST,
    port: v.PORT,
    opsPort: v.OPS_PORT,
    namespace: v.NAMESPACE,
    usersDirectory: v.USERS_DIR,
    clientDirectory: v.CLIENT_DIR,
    allowedOrigins: v.ALLOWED_ORIGINS,
    basePath: v.BASE_PATH,
    trustProxy: v.TRUST_PROXY,
    sessionsPerUser: v.SESSIONS_PER_USER,
    viewersPerSession: v.VIEWERS_PER_SESSION,
    loginAttemptsPerMinute: v.LOGIN_ATTEMPTS_PER_MINUTE,
    finishedTtlSeconds: v.FINISHED_TTL_SECONDS,
    startLimitSeconds: v.START_LIMIT_SECONDS,
    drainSeconds: v.DRAIN_SECONDS,
    logLevel: v.LOG_LEVEL,
    banner: v.BANNER,
    kubeconfig: v.KUBECONFIG,
    kubeContext: v.KUBE_CONTEXT,
    serviceAddress:
      address === undefined
        ? undefined
        : `${isIP(address) === 6 ? `[${address}]` : address}:${v.KUBERNETES_SERVICE_PORT}`,
  };
}

function problemsOf(error: z.ZodError, given: Readonly<Record<string, unknown>>): string[] {
  const names = new Set(error.issues.map((issue) => String(issue.path[0])));
  return [...names].map((name) => {
    const rule = VARIABLES[name as keyof typeof VARIABLES].description ?? '';
    return `${name}=${JSON.stringify(given[name])}: want ${rule}`;
  });
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
}

function isNetwork(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true;
  const [address = '', bits, ...more] = text.split('/');
  const most = isIP(address) === 4 ? 32 : 128;
  return (
    isIP(address) !== 0 && more.length === 0 && (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= most))
  );
}
