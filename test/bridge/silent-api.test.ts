import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiClient } from '../../service/bridge/kubernetes/api-client.js';
import { ClusterAccess } from '../../service/bridge/kubernetes/cluster-access.js';
import { Resource } from '../../service/bridge/kubernetes/resource.js';
import { WatchCache } from '../../service/bridge/kubernetes/watch-cache.js';
import { makeCertificate } from '../../service/pocket/certificate.js';
import { until } from '../stories/until.js';

describe('an API server that falls silent in the midst of an answer', () => {
  let server: Server;
  let directory: string;
  let access: ClusterAccess;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'silent-'));
    const { key, certificate, authority } = await makeCertificate();
    server = createServer({ key, cert: certificate }, (request, response) => answer(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const ca = Buffer.from(authority).toString('base64');
    const config = {
      'current-context': 'it',
      clusters: [{ name: 'it', cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority-data': ca } }],
      users: [{ name: 'it', user: { token: 'none' } }],
      contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
    };
    await writeFile(join(directory, 'kubeconfig'), JSON.stringify(config));
    access = await ClusterAccess.load({ kubeconfig: join(directory, 'kubeconfig') });
  });
  afterAll(async () => {
    access.close();
    server.closeAllConnections();
    server.close();
    await rm(directory, { recursive: true, force: true });
  });
  /** Impatient, so that nobody has to wait long. */
  const pods = (): Resource<{ metadata: { name: string; uid: string; resourceVersion: string } }> =>
    new Resource(new ApiClient(access, undefined, 1_000), 'default', 'pods');
  const half = (_request: IncomingMessage, response: ServerResponse): void => void response.write('{"items":[');

  test('a call fails, as if it had not been answered', async () => {
    answer = half;
    const unanswered = { status: 0, message: expect.stringContaining('its answer stopped for 1 s') as string };
    await expect(pods().list()).rejects.toMatchObject(unanswered);
    answer = (request, response) => half(request, response.writeHead(500));
    await expect(pods().create({})).rejects.toMatchObject(unanswered);
  });

  test('a watch cache says that it is stale, and is well again when the server is', async () => {
    answer = half;
    const cache = new WatchCache(pods());
    cache.start();
    await until('the problem', () => cache.problem?.message.includes('its answer stopped'));
    answer = ({ url }, response) => {
      if (url?.includes('watch=true') === true) response.flushHeaders();
      else response.end('{"items":[],"metadata":{"resourceVersion":"1"}}');
    };
    await until('the cache to be well', () => cache.problem === undefined);
    await cache.stop();
  });
});
