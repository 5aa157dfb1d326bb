import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StandIn } from './stand-in.js';

const images = fileURLToPath(new URL('../../service/images', import.meta.url));
let data: string;
let running: StandIn[];

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'berth-papers-'));
  running = [];
});
afterEach(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  await rm(data, { recursive: true });
});

async function start(tier: string, environment: Readonly<Record<string, string>> = {}): Promise<StandIn> {
  const env = { ...process.env, HOST: '127.0.0.1', PORT: '0', DATA_DIR: data, ...environment };
  const server = await StandIn.of(spawn(process.execPath, [join(images, tier, 'server.mjs')], { env }));
  running.push(server);
  return server;
}

const post = (server: StandIn, body: string): Promise<Response> => server.fetch('/papers', { method: 'POST', body });

it.each(['papers-frontend', 'papers-backend', 'papers-blockchain'])(
  '%s is healthy, knows what it does not serve, and ends at once when asked to',
  async (tier) => {
    const server = await start(tier);
    expect((await server.fetch('/healthz')).status).toBe(200);
    expect((await server.fetch('/nothing-here')).status).toBe(404);
    expect(await server.end()).toBe(0);
  },
);

describe('papers-frontend', () => {
  it('serves a page and takes no other method', async () => {
    const server = await start('papers-frontend');
    expect(await (await server.fetch('/')).text()).toContain('<h1>Papers</h1>');
    expect((await server.fetch('/', { method: 'POST' })).status).toBe(405);
  });
});

describe('papers-backend', () => {
  it('still has its papers after a restart, and a paper half written by a crash is not one', async () => {
    const first = await start('papers-backend');
    expect((await post(first, JSON.stringify({ title: 'On Berths' }))).status).toBe(201);
    await first.end();
    await writeFile(join(data, 'torn.json.tmp'), '{"title": "On Cra');

    const second = await start('papers-backend');
    const { papers } = (await (await second.fetch('/papers')).json()) as { papers: { title: string }[] };
    expect(papers.map(({ title }) => title)).toEqual(['On Berths']);
  });

  it('refuses what is no paper, naming the field and the rule', async () => {
    const server = await start('papers-backend');
    for (const [body, status, error] of [
      ['no JSON', 400, 'body: want JSON'],
      ['null', 400, 'body: want JSON'],
      ['{"title": ""}', 400, 'title: want 1 to 200 characters, got ""'],
      [JSON.stringify({ title: 'x'.repeat(70_000) }), 413, 'body: want at most 65536 bytes'],
    ] as const) {
      const response = await post(server, body);
      expect([response.status, ((await response.json()) as { error: string }).error]).toEqual([
        status,
        expect.stringContaining(error),
      ]);
    }
  });

  it('is not healthy without its volume', async () => {
    const server = await start('papers-backend');
    await rm(data, { recursive: true });
    expect((await server.fetch('/healthz')).status).toBe(503);
    await writeFile(data, '');
  });
});

describe('papers-blockchain', () => {
  it('does not count itself among its peers, and is healthy alone', async () => {
    const server = await start('papers-blockchain', { POD_NAME: 'papers-blockchain-0', PEERS_SERVICE: 'localhost' });
    expect(await (await server.fetch('/peers')).json()).toEqual({ self: 'papers-blockchain-0', peers: [] });
  });
});
