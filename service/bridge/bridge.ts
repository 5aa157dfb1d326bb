import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { pino, type Logger } from 'pino';
import { Gate } from './access/gate.js';
import { LoginLimiter } from './access/login-limiter.js';
import { UserDirectory } from './access/user-directory.js';
import { ConfigError, type BridgeConfig } from './config.js';
import { accountRoutes } from './http/account-routes.js';
import { createApp, isSecure } from './http/app.js';
import { createOpsServer } from './http/ops-server.js';
import { sessionRoutes } from './http/session-routes.js';
import { KubernetesCluster } from './kubernetes-cluster.js';
import { ClusterAccess } from './kubernetes/cluster-access.js';
import { ExecSocket } from './kubernetes/exec-socket.js';
import { Metrics } from './metrics.js';
import { SANDBOX_CONTAINER } from './sessions/pod.js';
import { Reconciler } from './sessions/reconciler.js';
import { Sessions } from './sessions/sessions.js';
import { TerminalServer } from './terminal/terminal-server.js';
import { TERMINAL_TIMES, type TerminalTimes } from './terminal/terminal-times.js';

export interface BridgeOptions {
  /** @default pino to stdout at the configured level */
  readonly log?: Logger;
  /** @default the protocol's limits */
  readonly times?: Partial<TerminalTimes>;
  /** How often Pods without a use are looked for, in milliseconds. @default 10000 */
  readonly reconcileEvery?: number;
}

/** A bridge that listens. */
export interface Bridge {
  readonly url: string;
  readonly port: number;
  readonly opsPort: number;
  /** Looks for Pods to reap now instead of at the next interval. */
  reconcile(): Promise<void>;
  /** Not ready any more, no new viewers, those there sent elsewhere; then closed. At most DRAIN_SECONDS. */
  drain(): Promise<void>;
  /** At once; the sessions go on. */
  close(): Promise<void>;
}

/** Longer than proxies keep an idle connection (Traefik: 90 s), or they would use one that is just being closed. In ms. */
const KEEP_ALIVE = 120_000;

/** Composes the layers and listens. @throws ConfigError when the kubeconfig or a port cannot be used */
export async function startBridge(config: BridgeConfig, options: BridgeOptions = {}): Promise<Bridge> {
  const log = options.log ?? pino({ level: config.logLevel });
  const access = await ClusterAccess.load({
    kubeconfig: config.kubeconfig,
    context: config.kubeContext,
    serviceAddress: config.serviceAddress,
  }).catch((error: unknown) => {
    throw new ConfigError([`KUBECONFIG=${JSON.stringify(config.kubeconfig)}: ${sentence(error)}`]);
  });
  const metrics = new Metrics();
  const cluster = new KubernetesCluster({
    access,
    namespace: config.namespace,
    observe: metrics.observeCall,
    onProblem: (kind, problem) => {
      if (problem === undefined) log.info({ kind }, 'watching');
      else log.warn({ kind, status: problem.status, detail: problem.message }, 'a watch fails');
    },
  });
  const sessions = new Sessions(cluster, { sessionsPerUser: config.sessionsPerUser });
  const gate = new Gate(
    new UserDirectory({
      directory: config.usersDirectory,
      report: (file, problem) => log.warn({ file, problem }, 'not a user, or not readable'),
    }),
    config.allowedOrigins,
  );
  const reconciler = new Reconciler(
    cluster.pods,
    { finishedSeconds: config.finishedTtlSeconds, startSeconds: config.startLimitSeconds },
    (pod, reason, error) => {
      if (error === undefined) log.info({ pod, reason }, 'reaped');
      else log.warn({ pod, reason, err: error }, 'cannot reap');
    },
  );
  const terminal = new TerminalServer({
    sessions,
    cluster,
    gate,
    basePath: config.basePath,
    viewersPerSession: config.viewersPerSession,
    times: { ...TERMINAL_TIMES, ...options.times },
    log,
    now: Date.now,
    openExec: (pod, handlers) =>
      ExecSocket.open(
        access,
        { namespace: config.namespace, pod, container: SANDBOX_CONTAINER, command: ['keeper-attach'] },
        handlers,
      ),
  });
  metrics.follow(sessions, terminal);

  let draining = false;
  const app = createApp({
    routes: [
      ...accountRoutes({
        gate,
        limiter: new LoginLimiter(config.loginAttemptsPerMinute),
        cookiePath: config.basePath || '/',
        namespace: config.namespace,
        banner: config.banner,
      }),
      ...sessionRoutes(sessions),
    ],
    gate,
    basePath: config.basePath,
    trustProxy: config.trustProxy,
    clientDirectory: config.clientDirectory,
    log,
  });
  const server = createServer(app);
  server.keepAliveTimeout = KEEP_ALIVE;
  server.on('upgrade', (request, socket, head) => void terminal.upgrade(request, socket, head, isSecure(app, request)));
  const ops = createOpsServer({
    notReady: () => [...(draining ? ['draining'] : []), ...cluster.unprimed],
    metrics: async () => ({ contentType: metrics.registry.contentType, text: await metrics.registry.metrics() }),
  });
  cluster.start();
  const port = await listen(server, 'PORT', config.port, config.host);
  const opsPort = await listen(ops, 'OPS_PORT', config.opsPort, config.host);
  const reconcile = (): Promise<void> =>
    reconciler.sweep().catch((error: unknown) => log.error({ err: error }, 'reconciling failed'));
  const reconciling = setInterval(() => void reconcile(), options.reconcileEvery ?? 10_000);
  log.info({ port, opsPort, namespace: config.namespace, server: access.server.host }, 'listening');

  const close = async (): Promise<void> => {
    draining = true;
    clearInterval(reconciling);
    terminal.close();
    await Promise.all([shut(server), shut(ops), cluster.stop()]);
    access.close();
  };
  return {
    url: `http://${config.host}:${port}${config.basePath}`,
    port,
    opsPort,
    reconcile,
    close,
    drain: async () => {
      draining = true;
      log.info({ viewers: terminal.viewerCount }, 'draining');
      // Half the time to spread the viewers, half for their answers and the requests still under way.
      await terminal.drain(config.drainSeconds * 500);
      const patience = new AbortController();
      await Promise.race([
        until(() => terminal.viewerCount === 0, patience.signal),
        delay(config.drainSeconds * 500, undefined, { ref: false }),
      ]);
      patience.abort();
      await close();
      log.info('drained');
    },
  };
}

async function until(done: () => boolean, signal: AbortSignal): Promise<void> {
  while (!done() && !signal.aborted) await delay(20, undefined, { ref: false });
}

async function listen(server: Server, variable: string, port: number, host: string): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening').catch((error: unknown) => {
    throw new ConfigError([`${variable}="${port}": ${sentence(error)}`]);
  });
  return (server.address() as AddressInfo).port;
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Lets requests under way finish for a moment, then cuts what is left. */
async function shut(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), 1_000);
  await closed;
  clearTimeout(cut);
}
