import { IMAGES } from '../../service/images/image.js';
import type { ImageProcess } from './image-process.js';
import { ImageRoot } from './image-root.js';
import { buildLocalImages } from './local-images.js';
import { StandIn } from './stand-in.js';

let images: Map<string, ImageRoot>;
let running: ImageProcess[];

beforeAll(async () => {
  const tiers = IMAGES.filter(({ name }) => name.startsWith('papers-'));
  const built = await buildLocalImages(tiers);
  images = new Map();
  for (const [index, { reference }] of built.entries()) {
    images.set(tiers[index]?.name ?? '', await ImageRoot.open(reference));
  }
}, 1_800_000);
beforeEach(() => (running = []));
afterEach(async () => {
  for (const started of running) await started.end('SIGKILL');
});
afterAll(async () => {
  for (const image of images.values()) await image.close();
});

async function start(tier: string, environment: Readonly<Record<string, string>>): Promise<StandIn> {
  const image = images.get(tier)!;
  const emptyDirs = ['/tmp', '/data'];
  const started = await image.start({ command: image.config.command, environment, emptyDirs });
  const server = await StandIn.of(started.child, environment['HOST']);
  running.push(started);
  return server;
}

it.each(['papers-frontend', 'papers-backend', 'papers-blockchain'])(
  '%s is healthy without root on a read-only system',
  async (tier) => {
    expect(images.get(tier)?.config).toMatchObject({ user: '1000:1000', ports: ['8080/tcp'] });
    const server = await start(tier, { HOST: '127.0.0.1', PORT: '0' });
    expect((await server.fetch('/healthz')).status).toBe(200);
  },
);

it('peers find each other by the one name of their headless Service', async () => {
  const addresses = ['127.0.0.11', '127.0.0.12', '127.0.0.13'];
  const name = 'papers-blockchain.papers-blockchain.svc';
  // What the cluster's DNS answers for a headless Service: every Pod's address under one name.
  await images
    .get('papers-blockchain')
    ?.write('/etc/hosts', addresses.map((address) => `${address} ${name}\n`).join(''));
  const peers = {
    PORT: '18080',
    NAMESPACE: 'papers-blockchain',
    PEERS_SERVICE: 'papers-blockchain',
    SEARCH_EVERY_MS: '50',
  };
  const servers: StandIn[] = [];
  for (const [index, HOST] of addresses.entries()) {
    servers.push(await start('papers-blockchain', { ...peers, HOST, POD_NAME: `papers-blockchain-${index}` }));
  }
  for (const [index, server] of servers.entries()) {
    const others = [0, 1, 2].filter((other) => other !== index).map((other) => `papers-blockchain-${other}`);
    await until(async () => JSON.stringify(await namesOf(server)) === JSON.stringify(others));
  }
  await running[2]?.end('SIGKILL');
  await until(async () => JSON.stringify(await namesOf(servers[0]!)) === '["papers-blockchain-1"]');
});

async function namesOf(server: StandIn): Promise<string[]> {
  const { peers } = (await (await server.fetch('/peers')).json()) as {
    readonly peers: readonly { readonly name: string }[];
  };
  return peers.map(({ name }) => name);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
