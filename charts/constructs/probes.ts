import { k8s } from 'cdk8s-plus-30';

/** How a container is asked whether it is well. */
export type Check =
  | { readonly grpc: number }
  | { readonly tcp: string }
  | { readonly exec: readonly string[] }
  | { readonly http: string; readonly live?: string; readonly ready?: string };

/** The three probes of a container. */
export type Probes = Required<Pick<k8s.Container, 'startupProbe' | 'readinessProbe' | 'livenessProbe'>>;

export interface ProbesProps {
  /** `http` and `tcp` name a port of the container, `grpc` is its number; `exec` succeeds with status 0. */
  readonly check: Check;
  /** Seconds that it may take to start. @default 60 */
  readonly startSeconds?: number;
}

/**
 * The three probes of a container: it is restarted when it does not start in time, taken out of its Services after 15 s
 * without readiness, and restarted after 30 s without life. A process is started for each `exec`, so those are rarer.
 */
export function probes({ check, startSeconds = 60 }: ProbesProps): Probes {
  const rare = 'exec' in check;
  const [start, ready, live] = rare ? [5, 15, 30] : [2, 5, 10];
  return {
    startupProbe: probe(check, 'live', start, Math.ceil(startSeconds / start)),
    readinessProbe: probe(check, 'ready', ready, rare ? 2 : 3),
    livenessProbe: probe(check, 'live', live, rare ? 2 : 3),
  };
}

function probe(check: Check, of: 'live' | 'ready', periodSeconds: number, failureThreshold: number): k8s.Probe {
  return { ...action(check, of), periodSeconds, timeoutSeconds: 'exec' in check ? 10 : 3, failureThreshold };
}

function action(check: Check, of: 'live' | 'ready'): k8s.Probe {
  if ('grpc' in check) return { grpc: { port: check.grpc } };
  if ('tcp' in check) return { tcpSocket: { port: k8s.IntOrString.fromString(check.tcp) } };
  if ('exec' in check) return { exec: { command: [...check.exec] } };
  const { http, live = '/healthz', ready = live } = check;
  return { httpGet: { path: of === 'live' ? live : ready, port: k8s.IntOrString.fromString(http) } };
}
