import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IMAGES, imageReference } from '../../service/images/image.js';
import { Attachment } from './attachment.js';
import type { ImageProcess } from './image-process.js';
import { ImageRoot } from './image-root.js';
import { buildLocalImages, LOCAL_PLACES } from './local-images.js';

const sandbox = IMAGES.filter(({ name }) => name === 'claudecode-sandbox');
/** What a profile mounts; the rest of the file system is read-only. */
const emptyDirs = ['/home/sandbox', '/tmp', '/run/keeper'];

let image: ImageRoot;
let started: ImageProcess[];

beforeAll(async () => {
  const [built] = await buildLocalImages(sandbox);
  image = await ImageRoot.open(built?.reference ?? '');
}, 1_800_000);
afterAll(() => image.close());

beforeEach(() => (started = []));
afterEach(async () => {
  for (const one of started) await one.end('SIGKILL');
});

async function startKeeper(): Promise<ImageProcess> {
  const keeper = await image.start({ command: image.config.command, emptyDirs });
  started.push(keeper);
  keeper.child.stderr.pipe(process.stderr);
  return keeper;
}

const attach = (keeper: ImageProcess): Attachment => new Attachment(image.exec(keeper, { command: ['keeper-attach'] }));

const sh = (script: string): ReturnType<ImageRoot['run']> =>
  image.run({ command: ['tini', '-g', '--', 'sh', '-c', script], emptyDirs });

it('says by number that it is not root, and starts the keeper below tini', () => {
  expect(image.config.user).toBe('1000:1000');
  expect(image.config.command).toEqual(['tini', '-g', '--', 'keeper']);
  expect(image.config.directory).toBe('/home/sandbox');
});

it('has the tools that people come for, and each of them starts without root on a read-only system', async () => {
  const dockerfile = join(LOCAL_PLACES.repository, 'service/images/claudecode-sandbox/Dockerfile');
  const pinned = /^ARG CLAUDE_CODE_VERSION=(\S+)$/m.exec(readFileSync(dockerfile, 'utf8'))?.[1] ?? 'none';
  expect((await sh('claude --version')).output).toBe(`${pinned} (Claude Code)\n`);
  expect((await sh('node --version')).output).toMatch(/^v20\./);
  const tools = ['git', 'rg', 'curl', 'less', 'vim', 'ps', 'npm', 'npx', 'bash'];
  expect(await sh(tools.map((tool) => `${tool} --version > /dev/null || echo ${tool}`).join('; '))).toEqual({
    code: 0,
    output: '',
  });
  expect((await sh('git ls-remote https://127.0.0.1:1/x')).output).toContain('127.0.0.1');
});

it('can write to the mounted folders and to nothing else, and cannot become root', async () => {
  const { output } = await sh(
    'for d in / /opt /usr/local/bin ~ /tmp /run/keeper; do touch $d/x 2>/dev/null && echo $d; done; id -u',
  );
  expect(output.trim().split('\n')).toEqual([...emptyDirs, '1000']);
});

it('holds no development dependency of ours: only the terminal addon, npm and Claude Code', async () => {
  const places = (await image.find('node_modules')).filter((path) => !path.startsWith('/usr/share/'));
  expect(places).toEqual(['/opt/claude-code/node_modules', '/opt/keeper/node_modules', '/usr/local/lib/node_modules']);
  const packages = await sh('cd /opt/keeper/node_modules && ls -d */*; ls /usr/local/lib/node_modules');
  expect(packages.output.trim().split('\n')).toEqual([
    '@lydell/node-pty',
    expect.stringMatching(/^@lydell\/node-pty-linux-/),
    'npm',
  ]);
});

it('answers a viewer with a shell that has a terminal, and keeps it when the viewer is gone', async () => {
  const keeper = await startKeeper();
  const first = attach(keeper);
  await first.until(({ messages }) => messages.some(({ type }) => type === 'hello'));
  first.type('echo "[$(id -u)|$(tty)|$HOME|$((6 * 7))]"; marker=still-here\n');
  await first.until(({ output }) => /\[1000\|\/dev\/pts\/\d+\|\/home\/sandbox\|42\]/.test(output));
  first.hangUp();
  expect(await first.ended).toBe(0);

  const second = attach(keeper);
  await second.until(({ messages }) => messages.some(({ type }) => type === 'hello'));
  second.type('echo "[$marker]"\n');
  await second.until(({ output }) => output.includes('[still-here]'));
});

it('lets a viewer come before the keeper listens', async () => {
  const shell = await image.start({ command: ['sh', '-c', 'read go; exec keeper'], emptyDirs });
  started.push(shell);
  const viewer = attach(shell);
  shell.child.stdin.write('go\n');
  await viewer.until(({ messages }) => messages.some(({ type }) => type === 'hello'));
});

it('ends at once when it is asked to, with all that runs in it', async () => {
  const keeper = await startKeeper();
  const viewer = attach(keeper);
  await viewer.until(({ messages }) => messages.some(({ type }) => type === 'hello'));
  await keeper.end('SIGTERM');
  await viewer.ended;
});

it('is referred to as the manifests do', () => {
  expect(sandbox.map((one) => imageReference(one, LOCAL_PLACES))).toEqual([
    `localhost/claudecode-sandbox:${LOCAL_PLACES.version}`,
  ]);
});
