import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSandboxImage } from '../../service/sandbox-image.js';
import { BrowserStage } from './browser-stage.js';
import type { Tab } from './tab.js';

const KEEPER = join(import.meta.dirname, '../../dist/keeper');
const LONG_AGO = 'localhost/claudecode-sandbox:long-ago';

let stage: BrowserStage;
let tab: Tab;
let image: string;

beforeAll(async () => {
  image = await mkdtemp(join(tmpdir(), 'image-'));
  stage = await BrowserStage.open({ environment: { SESSIONS_PER_USER: '5' } });
  await stage.pocket.changeProfile('old-image', (container) => {
    container.image = LONG_AGO;
  });
});

afterAll(async () => {
  await stage.close();
  await rm(image, { recursive: true });
});

beforeEach(async () => {
  ({ tab } = await stage.logIn());
});

afterEach(async () => {
  expect(await stage.leave()).toEqual([]);
});

/** Waits until a step of the start is in this state. */
async function step(name: string, state: 'waiting' | 'done' | 'failed'): Promise<string> {
  const line = tab.page.locator(`.progress [data-step=${name}][data-state=${state}]`);
  await line.waitFor();
  return (await line.textContent()) ?? '';
}

/** Waits for what the home page says against a new session. */
async function refusal(words: string): Promise<void> {
  await tab.page.locator('.home .problem', { hasText: words }).waitFor();
}

test('a start that takes its time is told step by step, and the shell takes its place', async () => {
  stage.pocket.cluster.faults.slowStart(3000);
  await tab.pressNewSession();
  await step('created', 'done');
  await step('scheduled', 'done');
  await step('image', 'waiting');
  await tab.attached('writer');
  stage.pocket.cluster.faults.slowStart(0);
  expect(await tab.page.locator('.progress').count()).toBe(0);
  await tab.run('echo up-$((1 + 1))');
  await tab.sees(/^up-2/m);
});

test('an image that is not on the node: which one, how to bring it back, and then the start goes on by itself', async () => {
  await tab.pressNewSession('old-image');
  const words = await step('image', 'failed');
  expect(words).toContain(LONG_AGO);
  expect(words).toContain('npm run images');
  expect(words).toContain('ErrImageNeverPull');
  await tab.page.locator('.progress h2', { hasText: 'This session cannot start' }).waitFor();
  await writeSandboxImage(image, KEEPER);
  stage.pocket.cluster.addImage(LONG_AGO, image);
  await tab.attached('writer');
  await tab.run('echo back-$((1 + 1))');
  await tab.sees(/^back-2/m);
});

test('no node has what the profile asks for: that it waits, and for what', async () => {
  stage.pocket.cluster.apply([
    { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'nvidia' }, handler: 'nvidia' },
  ]);
  await tab.pressNewSession('gpu-t4');
  const words = await step('scheduled', 'waiting');
  expect(words).toContain('No node has room for it now');
  expect(words).toContain('node');
});

test('a full quota and a silent cluster are told in words, and the next press works', async () => {
  const { faults } = stage.pocket.cluster;
  const rule = { verb: 'create', resource: 'pods', times: 1 } as const;
  const message = 'pods "x" is forbidden: exceeded quota: sandboxes, requested: pods=1, used: pods=8, limited: pods=8';
  faults.refuse({ ...rule, code: 403, reason: 'Forbidden', message });
  await tab.pressNewSession();
  await refusal('The cluster has no room for another sandbox');
  await refusal('exceeded quota: sandboxes');
  faults.refuse({ ...rule, code: 403, reason: 'Forbidden', message: 'pods is forbidden: User cannot create pods' });
  await tab.pressNewSession();
  await refusal('The cluster refused – pods is forbidden: User cannot create pods');
  const lift = faults.refuse({ ...rule, times: Infinity, code: 500, reason: 'InternalError', message: 'etcd is away' });
  await tab.pressNewSession();
  await refusal('The cluster does not answer');
  lift();
  await tab.pressNewSession();
  await tab.attached('writer');
});

test('more sessions than a user may have are refused, and the refusal says how many that is', async () => {
  await stage.leave();
  ({ tab } = await stage.logIn('bob'));
  for (let session = 1; session <= 5; session++) {
    await tab.pressNewSession();
    await tab.attached('writer');
    await tab.page.getByRole('button', { name: 'New Session' }).click();
    await tab.page.waitForSelector('.home');
  }
  await tab.pressNewSession();
  await refusal('You have as many sessions as you may have');
  expect(await tab.page.locator('.home .problem').textContent()).toContain('5');
  expect(await tab.page.locator('.session').count()).toBe(5);
});
