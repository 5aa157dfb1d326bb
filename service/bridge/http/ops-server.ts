import { createServer, type Server, type ServerResponse } from 'node:http';

export interface OpsProps {
  /** Why the bridge should get no traffic; empty: it is ready. */
  readonly notReady: () => readonly string[];
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

/** For the kubelet and Prometheus, on a port of its own that no NodePort exposes. Does not listen yet. */
export function createOpsServer({ notReady, metrics }: OpsProps): Server {
  return createServer((request, response) => {
    switch (request.url?.split('?')[0]) {
      case '/healthz':
        return answer(response, 200, 'ok\n');
      case '/readyz': {
        const reasons = notReady();
        return reasons.length === 0 ? answer(response, 200, 'ok\n') : answer(response, 503, `${reasons.join('\n')}\n`);
      }
      case '/metrics':
        metrics().then(
          ({ contentType, text }) => answer(response, 200, text, contentType),
          (error: unknown) => answer(response, 500, String(error)),
        );
        return;
      default:
        return answer(response, 404, '/healthz, /readyz or /metrics\n');
    }
  });
}

function answer(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type }).end(text);
}
