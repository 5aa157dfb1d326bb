import { until } from '../stories/until.js';
import { BrowserStage, type Visit } from './browser-stage.js';
import type { Tab } from './tab.js';

const KEYS = 'abcdefghijklmnopqrstuvwxyz0123456789';

let stage: BrowserStage;
let visit: Visit;
let tab: Tab;

beforeAll(async () => {
  stage = await BrowserStage.open();
});

afterAll(() => stage.close());

beforeEach(async () => {
  visit = await stage.logIn();
  tab = visit.tab;
});

afterEach(async () => {
  expect(await stage.leave()).toEqual([]);
});

test('a bridge that dies in a flood is survived without a reload: the same shell, the screen whole', async () => {
  await tab.newSession();
  await tab.run('echo shell $$');
  const [, shell] = await tab.sees(/^shell (\d+)/m);
  await tab.page.evaluate(() => Object.assign(window, { notReloaded: true }));
  await tab.run(`for i in $(seq 1 300000); do echo row $i; done; echo flood-is-over in $$`);
  await tab.sees(/^row \d{3}/m);
  await stage.pocket.crashBridge();
  await tab.attached('writer');
  await tab.sees(new RegExp(`^flood-is-over in ${String(shell)}`, 'm'));
  const { lines, rows } = await tab.screen();
  const shown = lines.map((line) => /^row (\d+)/.exec(line)?.[1]).filter((row) => row !== undefined);
  expect(shown).toEqual(Array.from({ length: shown.length }, (_, index) => String(300_000 - shown.length + 1 + index)));
  expect(shown.length).toBeGreaterThan(rows - 4);
  expect(await tab.page.evaluate(() => 'notReloaded' in window)).toBe(true);
});

test.each([
  ['is killed', 'SIGKILL'],
  ['goes away in a rollout', 'SIGTERM'],
] as const)('no key is lost and none is typed twice when the bridge %s while somebody types', async (_, signal) => {
  await tab.newSession();
  await tab.run('read -r line; clear; echo "${#line}:$line."');
  const typed = Array.from({ length: 300 }, (_, index) => KEYS[(index * 7) % KEYS.length]).join('');
  await tab.page.locator('.terminal-place textarea').focus();
  let replaced: Promise<void> | undefined;
  for (const [index, key] of Array.from(typed).entries()) {
    if (index === 100) replaced = stage.pocket.replaceBridge(signal);
    await tab.page.keyboard.press(key);
  }
  await tab.press('Enter');
  await replaced;
  await tab.attached('writer');
  await tab.sees(/^300:/m);
  expect((await tab.text()).replaceAll('\n', '')).toContain(`300:${typed}.`);
});

test('a page without a network says that it reconnects, keeps what is typed, and goes on', async () => {
  const session = await tab.newSession();
  await visit.context.setOffline(true);
  await stage.pocket.cutStreams(session);
  await tab.page.locator('.status-words', { hasText: 'Reconnecting' }).waitFor();
  await tab.page.getByRole('button', { name: 'Try now' }).waitFor();
  await tab.run('echo typed-while-$((1 + 1))-away');
  await visit.context.setOffline(false);
  await tab.sees(/^typed-while-2-away/m);
  await tab.page.locator('.status-words', { hasText: 'Connected' }).waitFor();
  await until('the lag', async () => /^\d+ ms$/.test((await tab.page.locator('.status-lag').textContent()) ?? ''));
});

test('whoever was away longer than the program waits reads how much was dropped', async () => {
  await stage.pocket.addProfile('short-hold', { KEEPER_HOLD_SECONDS: '1', KEEPER_LOG_BYTES: String(1024 * 1024) });
  await tab.page.reload();
  const session = await tab.newSession('short-hold');
  await tab.run('seq 1 4000000; sleep 4321');
  await tab.sees(/^\d{3}/m);
  await visit.context.setOffline(true);
  await stage.pocket.cutStreams(session);
  await until('the end of the flood', async () =>
    (await stage.pocket.processes(session)).some((line) => line.endsWith(' sleep')),
  );
  await visit.context.setOffline(false);
  await tab.attached('writer');
  await tab.notice('gap').waitFor();
  expect(await tab.notice('gap').textContent()).toMatch(
    /^\d{1,2},\d{3},\d{3} bytes of output were dropped while nobody was attached/,
  );
  await tab.sees(/^3999999\n4000000$/m);
});
