import { BrowserStage, type Visit } from './browser-stage.js';
import type { Tab } from './tab.js';

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

test('one tab types and the others watch, until one takes over', async () => {
  await tab.newSession();
  await tab.run('echo first-tab');
  const second = await visit.secondTab();
  await second.attached('watcher');
  await second.sees(/^first-tab/m);
  expect((await second.screen()).columns).toBe((await tab.screen()).columns);
  await second.type('x');
  await second.notice('typing').getByRole('button', { name: 'Type here' }).click();
  await second.attached('writer');
  await tab.attached('watcher');
  await second.run('echo second-tab');
  await tab.sees(/^second-tab/m);
  await tab.page.getByRole('button', { name: 'Type here' }).click();
  await tab.attached('writer');
  await tab.run('echo back-again');
  await second.sees(/^back-again/m);
});

test('a duplicated tab types, and the one it came from watches under a name of its own', async () => {
  await tab.newSession();
  const [page] = await Promise.all([
    visit.context.waitForEvent('page'),
    tab.page.evaluate(() => void window.open(location.href)),
  ]);
  await page.waitForSelector('.panel[data-state=attached][data-role=writer]');
  await tab.attached('watcher');
});

test('a watcher in a small window sees all of the writer’s terminal, in smaller type', async () => {
  await tab.newSession();
  await tab.run("clear; printf '%*s\\n' $(($(stty size | cut -d' ' -f2) - 1)) END");
  await tab.sees(/END$/m);
  const second = await visit.newTab();
  await second.page.setViewportSize({ width: 700, height: 420 });
  await second.page.goto(tab.page.url());
  await second.attached('watcher');
  await second.shows(await tab.settled());
  const [place, screen] = await Promise.all(
    ['.terminal-place', '.xterm-screen'].map((each) => second.page.locator(each).boundingBox()),
  );
  expect(screen!.width).toBeLessThanOrEqual(place!.width);
  expect(screen!.height).toBeLessThanOrEqual(place!.height);
});

test('the tab that stays types by itself when the other one closes only if it was asked to', async () => {
  await tab.newSession();
  const second = await visit.secondTab();
  await second.attached('watcher');
  await tab.page.close();
  await second.page.locator('.status-role', { hasText: /^Watching$/ }).waitFor();
  await second.page.getByRole('button', { name: 'Type here' }).click();
  await second.attached('writer');
  await second.run('echo alone-$((1 + 1))');
  await second.sees(/^alone-2/m);
});
