import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { ApiRequest } from './api-request.js';
import type { Authorizer } from './authorizer.js';
import type { ContainerProcess } from './container-process.js';
import { StartError } from './container-process.js';
import { ExecStream } from './exec-stream.js';
import type { Identity } from './identity.js';
import { without } from './kube-object.js';
import type { Kubelet } from './kubelet.js';
import type { ObjectStore } from './object-store.js';
import { asPod, type Pod } from './pod.js';
import { PODS } from './resource-kind.js';
import type { ExecOptions } from './sandbox-container.js';
import { type Status, StatusError } from './status-error.js';

/**
 * Which verb a WebSocket exec needs: an upgrade is a GET, so up to 1.34 the answer is `get`; from 1.35 on `create` is
 * checked as well.
 */
export type ExecRule = '1.34' | '1.35';

/** What an exec is checked against and run by. */
export interface ExecEndpointProps {
  readonly store: ObjectStore;
  readonly kubelet: Kubelet;
  readonly authorizer: Authorizer;
  readonly rule: ExecRule;
}

/** A request to exec, before it is upgraded. */
export interface ExecRequest {
  readonly asked: ApiRequest;
  readonly identity: Identity;
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const MESSAGE_LIMIT = 32 * 1024 * 1024;

/** `pods/exec`: checks, upgrades, starts the program and joins it with the socket. */
export class ExecEndpoint {
  readonly streams = new Set<ExecStream>();
  private readonly server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MESSAGE_LIMIT,
    skipUTF8Validation: true,
    handleProtocols: (offered) => PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
  });

  constructor(private readonly props: ExecEndpointProps) {}

  /** The answer to an exec request that is no WebSocket upgrade. */
  withoutUpgrade(): StatusError {
    return StatusError.badRequest('Upgrade request required');
  }

  /** @throws StatusError for what a real API server refuses before the upgrade */
  open({ asked, identity, request, socket, head }: ExecRequest): void {
    if (this.props.rule === '1.35') this.props.authorizer.checkSilently(identity, { ...asked, verb: 'create' });
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim());
    const protocol = PROTOCOLS.find((known) => offered.includes(known));
    if (protocol === undefined) {
      throw StatusError.badRequest(
        `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(' ')}], server supports [${PROTOCOLS.join(' ')}]`,
      );
    }
    const name = asked.name ?? '';
    const found = this.props.store.get(PODS, asked.namespace, name);
    if (found === undefined) throw StatusError.notFound(PODS, name);
    const pod = asPod(found);
    const container = containerOf(pod, asked.query.get('container'));
    const options = optionsOf(asked.query);
    const v5 = protocol === PROTOCOLS[0];
    // With v4 the API server passes the request on, and the kubelet can still refuse the upgrade; with v5 it answers itself.
    if (!v5) this.requireRunning(pod, container);
    this.server.handleUpgrade(request, socket, head, (webSocket) => {
      const stream = new ExecStream({ socket: webSocket, pod, options, v5 });
      this.streams.add(stream);
      webSocket.once('close', () => this.streams.delete(stream));
      void this.start(stream, pod, container, options, v5);
    });
  }

  private async start(
    stream: ExecStream,
    pod: Pod,
    container: string,
    options: ExecOptions,
    v5: boolean,
  ): Promise<void> {
    let process: ContainerProcess;
    try {
      process = await this.requireRunning(pod, container).exec(options);
    } catch (error) {
      stream.finish(failure(error, v5));
      return;
    }
    stream.join(process);
    const code = await process.ended;
    stream.finish(endStatus(code, options.command, v5));
  }

  private requireRunning(pod: Pod, container: string): NonNullable<ReturnType<Kubelet['container']>> {
    if (!this.props.kubelet.reachable) {
      throw StatusError.internal('error dialing backend: dial tcp 127.0.0.1:10250: connect: no route to host');
    }
    const running = this.props.kubelet.container(pod, container);
    if (running === undefined)
      throw StatusError.internal(`unable to upgrade connection: container not found ("${container}")`);
    return running;
  }
}

function containerOf(pod: Pod, asked: string | null): string {
  const { name } = pod.metadata;
  if (pod.spec.nodeName === undefined) throw StatusError.badRequest(`pod ${name} does not have a host assigned`);
  const names = pod.spec.containers.map((container) => container.name);
  const [only, ...others] = names;
  if (asked !== null && asked !== '') {
    if (names.includes(asked)) return asked;
    throw StatusError.badRequest(`container ${asked} is not valid for pod ${name}`);
  }
  if (only === undefined || others.length > 0) {
    throw StatusError.badRequest(
      `a container name must be specified for pod ${name}, choose one of: [${names.join(' ')}]`,
    );
  }
  return only;
}

function optionsOf(query: URLSearchParams): ExecOptions {
  const flag = (name: string, otherwise = false): boolean => {
    const value = query.get(name);
    return value === null ? otherwise : ['1', 'true'].includes(value);
  };
  const [file, ...args] = query.getAll('command');
  if (file === undefined) throw StatusError.badRequest('you must specify a command');
  const tty = flag('tty');
  const options: ExecOptions = {
    command: [file, ...args],
    tty,
    stdin: flag('stdin'),
    stdout: flag('stdout', true),
    stderr: !tty && flag('stderr', true),
  };
  if (options.stdin || options.stdout || options.stderr) return options;
  throw StatusError.badRequest('you must specify at least 1 of stdin, stdout, stderr');
}

/** How the end of a program is told. In v5 the API server words it, in v4 the container runtime does. */
function endStatus(code: number, command: readonly string[], v5: boolean): Partial<Status> {
  if (code === 0) return { metadata: {}, status: 'Success' };
  const why = v5
    ? `command terminated with exit code ${code}`
    : `error executing command [${command.join(' ')}], exit code ${code}`;
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: ${why}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}

function failure(error: unknown, v5: boolean): Partial<Status> {
  if (error instanceof StatusError) return without(error.status, 'kind', 'apiVersion');
  const why = error instanceof StartError ? error.message : String(error);
  const runtime = `error executing command in container: failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: ${why}`;
  const once = StatusError.internal(runtime);
  // The API server wraps the kubelet's error once more.
  return without((v5 ? StatusError.internal(once.message) : once).status, 'kind', 'apiVersion');
}
