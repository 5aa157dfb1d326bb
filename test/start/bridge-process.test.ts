import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BridgeProcess, type BridgeProcessProps } from '../../service/bridge-process.js';
import { freePort } from '../bench/free-port.js';

const entry = join(import.meta.dirname, '../../dist/bridge/main.js');

describe('a bridge that does not become ready says why', () => {
  let directory: string;
  let busy: Server;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'process-'));
    busy = createServer((_request, response) => response.writeHead(404).end()).listen(0, '127.0.0.1');
    await once(busy, 'listening');
  });
  afterAll(async () => {
    busy.close();
    await rm(directory, { recursive: true, force: true });
  });
  const busyPort = (): string => String((busy.address() as AddressInfo).port);

  /** The kubeconfig of a cluster at a port where nobody speaks TLS. */
  const kubeconfig = async (): Promise<string> => {
    const file = join(directory, 'kubeconfig');
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'it',
      clusters: [{ name: 'it', cluster: { server: `https://127.0.0.1:${busyPort()}` } }],
      users: [{ name: 'it', user: { token: 'none' } }],
      contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
    };
    await writeFile(file, JSON.stringify(config));
    return file;
  };
  const why = async (
    environment: Readonly<Record<string, string>>,
    props: Partial<BridgeProcessProps> = {},
  ): Promise<string> => {
    try {
      const bridge = await BridgeProcess.start({ entry, environment, ...props });
      await bridge.stop('SIGKILL');
      return 'it is ready';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };

  test('bad configuration: every problem', async () => {
    const message = await why({ NAMESPACE: 'No!', LOG_LEVEL: 'loud' });
    expect(message).toMatch(/^the bridge ended with 1:\n/);
    expect(message).toContain('NAMESPACE="No!": want');
    expect(message).toContain('LOG_LEVEL="loud": want');
    expect(message).toContain('KUBECONFIG is not set');
  });

  test('a port in use', async () => {
    const message = await why({ KUBECONFIG: await kubeconfig(), PORT: busyPort() });
    expect(message).toContain(`PORT="${busyPort()}": listen EADDRINUSE`);
    expect(message).not.toContain('    at ');
  });

  test('a kubeconfig that is not there, or a context that is not in it', async () => {
    expect(await why({ KUBECONFIG: join(directory, 'none') })).toMatch(/KUBECONFIG=".*none": ENOENT/);
    const message = await why({ KUBECONFIG: await kubeconfig(), KUBE_CONTEXT: 'other' });
    expect(message).toContain('context other: want one of it');
  });

  test('a cluster that does not answer: the API’s own error, and no process is left when nobody waits any more', async () => {
    const told: string[] = [];
    const enough = new AbortController();
    const opsPort = String(await freePort());
    const message = await why(
      { KUBECONFIG: await kubeconfig(), OPS_PORT: opsPort },
      {
        quiet: 0,
        signal: enough.signal,
        onWaiting: (reasons) => {
          told.push(reasons);
          if (!/not yet heard|listen yet/.test(reasons)) enough.abort(new Error('enough'));
        },
      },
    );
    expect(message).toBe('enough');
    expect(told.at(-1)).toMatch(/^pods are not yet listed and watched: the Kubernetes API does not answer: .+$/m);
    expect(told.at(-1)).toMatch(/^podtemplates are not yet listed and watched: .+$/m);
    await expect(fetch(`http://127.0.0.1:${opsPort}/healthz`)).rejects.toThrow('fetch failed');
  });

  test('patience has an end', async () => {
    const message = await why({ KUBECONFIG: await kubeconfig() }, { patience: 0 });
    expect(message).toBe('the bridge is not ready after 0 s:\nit does not listen yet');
  });
});
