import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { IMAGES } from '../../service/images/image.js';
import type { ImageProcess } from './image-process.js';
import { ImageRoot } from './image-root.js';
import { buildLocalImages } from './local-images.js';

/** A cluster that does not answer: the bridge must be alive all the same, and not ready. */
const KUBECONFIG = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'none',
  contexts: [{ name: 'none', context: { cluster: 'none', user: 'none' } }],
  clusters: [{ name: 'none', cluster: { server: 'https://127.0.0.1:1', 'insecure-skip-tls-verify': true } }],
  users: [{ name: 'none', user: { token: 'none' } }],
});

let image: ImageRoot;
let bridge: ImageProcess | undefined;

beforeAll(async () => {
  const [built] = await buildLocalImages(IMAGES.filter(({ name }) => name === 'web-terminal-service'));
  image = await ImageRoot.open(built?.reference ?? '');
  await image.write('/etc/berth/kubeconfig', KUBECONFIG);
}, 1_800_000);
afterEach(() => bridge?.end('SIGKILL'));
afterAll(() => image.close());

it('says by number that it is not root, and which ports it opens', () => {
  expect(image.config.user).toBe('1000:1000');
  expect(image.config.ports).toEqual(['3000/tcp', '9090/tcp']);
  expect(image.config.environment).toMatchObject({ HOST: '0.0.0.0', NODE_ENV: 'production' });
});

it('holds Node, the bridge and the page, and nothing that they were built with', async () => {
  expect(await image.find('node_modules')).toEqual([]);
  expect(await image.find('npm')).toEqual([]);
  expect(await image.has('/opt/berth/client/index.html')).toBe(true);
  const { code, output } = await image.run({ command: ['node', '--check', '/opt/berth/bridge/main.js'] });
  expect({ code, output }).toEqual({ code: 0, output: '' });
});

it('lists all that is wrong with its environment and ends', async () => {
  const { code, output } = await image.run({
    command: image.config.command,
    environment: { PORT: 'http', LOG_LEVEL: 'loud' },
  });
  expect(code).toBe(1);
  expect(output).toContain('PORT="http": want a whole number from 0 to 65535');
  expect(output).toContain('LOG_LEVEL="loud": want one of');
  expect(output).toContain('KUBECONFIG is not set');
});

it('is alive, serves the page and is not ready while no cluster answers, and goes when it is told to', async () => {
  bridge = await image.start({
    command: image.config.command,
    environment: { HOST: '127.0.0.1', PORT: '0', OPS_PORT: '0', KUBECONFIG: '/etc/berth/kubeconfig' },
    emptyDirs: ['/tmp'],
  });
  const { port, opsPort } = await listening(bridge.child);
  expect((await fetch(`http://127.0.0.1:${opsPort}/healthz`)).status).toBe(200);
  expect((await fetch(`http://127.0.0.1:${opsPort}/readyz`)).status).toBe(503);
  const page = await (await fetch(`http://127.0.0.1:${port}/`)).text();
  const script = /src="([^"]+\.js)"/.exec(page)?.[1] ?? 'none';
  expect((await fetch(new URL(script, `http://127.0.0.1:${port}/`))).headers.get('content-type')).toContain(
    'javascript',
  );

  expect(await bridge.end('SIGTERM')).toBe(0);
});

async function listening(
  child: ChildProcessWithoutNullStreams,
): Promise<{ readonly port: number; readonly opsPort: number }> {
  let said = '';
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      said += chunk.toString();
      const line = said.split('\n').find((text) => text.includes('"listening"'));
      if (line !== undefined) resolve(JSON.parse(line) as { port: number; opsPort: number });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('close', () => reject(new Error(`the bridge ended: ${said}`)));
  });
}
