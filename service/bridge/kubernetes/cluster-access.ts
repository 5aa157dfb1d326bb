import { KubeConfig, type User } from '@kubernetes/client-node';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Agent, type RequestOptions } from 'node:https';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { TokenFileAuthenticator, tokenFileUser } from './token-file-authenticator.js';

export interface ClusterAccessProps {
  /** A kubeconfig file. @default the Pod's ServiceAccount */
  readonly kubeconfig?: string | undefined;
  /** A context in it. @default its current context */
  readonly context?: string | undefined;
  /** Where the ServiceAccount is mounted. @default /var/run/secrets/kubernetes.io/serviceaccount */
  readonly serviceAccountDirectory?: string | undefined;
  /** The API server inside a cluster, `host:port`. @default kubernetes.default.svc:443 */
  readonly serviceAddress?: string | undefined;
}

/** How to reach one API server as one identity: address, TLS, and credentials that are fresh at every call. */
export class ClusterAccess {
  private readonly agents = new Map<string, Agent>();

  private constructor(
    private readonly config: KubeConfig,
    readonly server: URL,
  ) {}

  /** @throws Error naming the file or the context that is wrong. */
  static async load(props: ClusterAccessProps = {}): Promise<ClusterAccess> {
    const config = new KubeConfig();
    if (props.kubeconfig === undefined) useServiceAccount(config, props);
    else await useFile(config, props.kubeconfig);
    if (props.context !== undefined) config.setCurrentContext(props.context);
    config.addAuthenticator(new TokenFileAuthenticator());
    const cluster = config.getCurrentCluster();
    if (cluster === null || config.getCurrentUser() === null) {
      const known = config.getContexts().map((context) => context.name);
      throw new Error(`context ${config.getCurrentContext() || '(none)'}: want one of ${known.join(', ')}`);
    }
    return new ClusterAccess(config, new URL(cluster.server));
  }

  /** TLS options, headers and a kept-alive agent for one call. Reads the token afresh, so call it for every attempt. */
  async options(): Promise<RequestOptions> {
    const options: RequestOptions = {};
    await this.config.applyToHTTPSOptions(options);
    // The library makes an agent, and so a TLS handshake, for every call. A proxy's agent is left as it is.
    if (this.config.getCurrentCluster()?.proxyUrl === undefined) options.agent = this.agentFor(options);
    return options;
  }

  close(): void {
    for (const agent of this.agents.values()) agent.destroy();
    this.agents.clear();
  }

  private agentFor(options: RequestOptions): Agent {
    const { ca, cert, key, servername, rejectUnauthorized } = options;
    const hash = createHash('sha256');
    hash.update(JSON.stringify([ca, cert, key, servername, rejectUnauthorized]));
    const identity = hash.digest('hex');
    const known = this.agents.get(identity);
    if (known !== undefined) return known;
    // A rotated CA or certificate makes the old agent's idle connections useless.
    for (const agent of this.agents.values()) agent.destroy();
    this.agents.clear();
    const agent = new Agent({
      keepAlive: true,
      maxFreeSockets: 8,
      timeout: 0,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(servername === undefined ? {} : { servername }),
      ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    });
    this.agents.set(identity, agent);
    return agent;
  }
}

function useServiceAccount(config: KubeConfig, props: ClusterAccessProps): void {
  const directory = props.serviceAccountDirectory ?? '/var/run/secrets/kubernetes.io/serviceaccount';
  const name = 'in-cluster';
  config.loadFromOptions({
    clusters: [
      {
        name,
        server: `https://${props.serviceAddress ?? 'kubernetes.default.svc:443'}`,
        caFile: resolve(directory, 'ca.crt'),
        skipTLSVerify: false,
      },
    ],
    users: [tokenFileUser(name, resolve(directory, 'token'))],
    contexts: [{ name, cluster: name, user: name }],
    currentContext: name,
  });
}

/** The library reads `tokenFile` of a kubeconfig not at all, so its users are put under our authenticator. */
async function useFile(config: KubeConfig, file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  config.loadFromFile(file);
  const parsed = parse(text) as { users?: { name: string; user?: { tokenFile?: string } }[] } | null;
  const tokenFiles = new Map(
    (parsed?.users ?? []).flatMap(({ name, user }) => (user?.tokenFile ? [[name, user.tokenFile] as const] : [])),
  );
  const users = config.getUsers().map((user): User => {
    const tokenFile = tokenFiles.get(user.name);
    if (tokenFile === undefined) return user;
    // The file wins over a token, as kubectl has it; the library would send a copy made when the file was loaded.
    const others = Object.entries(user).filter(([field]) => field !== 'token');
    return { ...Object.fromEntries(others), ...tokenFileUser(user.name, resolve(dirname(file), tokenFile)) };
  });
  config.loadFromOptions({
    clusters: config.getClusters(),
    users,
    contexts: config.getContexts(),
    currentContext: config.getCurrentContext(),
  });
}
