import { k8s } from 'cdk8s-plus-30';

export interface HttpProbesProps {
  /** A named port of the container. */
  readonly port: string;
  /** @default /healthz */
  readonly live?: string;
  /** @default the same as live */
  readonly ready?: string;
}

/**
 * The three probes of an HTTP server: 30 s to start, out of the Service after 15 s without readiness, restarted after
 * 30 s without life.
 */
export function httpProbes({ port, live = '/healthz', ready = live }: HttpProbesProps) {
  const get = (path: string, periodSeconds: number, failureThreshold: number): k8s.Probe => ({
    httpGet: { path, port: k8s.IntOrString.fromString(port) },
    periodSeconds,
    timeoutSeconds: 3,
    failureThreshold,
  });
  return {
    startupProbe: get(live, 1, 30),
    readinessProbe: get(ready, 5, 3),
    livenessProbe: get(live, 10, 3),
  } as const satisfies Partial<k8s.Container>;
}
