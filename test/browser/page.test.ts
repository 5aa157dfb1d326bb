import { until } from '../stories/until.js';
import { BrowserStage, type Visit } from './browser-stage.js';
import type { Tab } from './tab.js';

let stage: BrowserStage;
let visit: Visit;
let tab: Tab;

beforeAll(async () => {
  stage = await BrowserStage.open({ environment: { BASE_PATH: '/terminals' } });
});

afterAll(() => stage.close());

beforeEach(async () => {
  visit = await stage.logIn();
  tab = visit.tab;
});

afterEach(async () => {
  expect(await stage.leave()).toEqual([]);
});

test('everything works below a base path, and every control has a name', async () => {
  await tab.newSession();
  await tab.run('echo below-$((1 + 1))');
  await tab.sees(/^below-2/m);
  const nameless = await tab.page.evaluate(() =>
    Array.from(document.querySelectorAll('button, a, input, textarea'))
      .filter((control) => {
        const label = control.getAttribute('aria-label') ?? control.textContent.trim();
        return label === '' && control.closest('label') === null;
      })
      .map((control) => control.outerHTML),
  );
  expect(nameless).toEqual([]);
});

test('a session is renamed, left, found in the list and attached to again', async () => {
  const session = await tab.newSession();
  await tab.run('echo still-here');
  await tab.sees(/^still-here/m);
  await tab.page.getByRole('button', { name: `Rename ${session}` }).click();
  await tab.page.getByLabel('Name', { exact: true }).fill('<b>fix</b> & ship');
  await tab.page.getByRole('button', { name: 'Rename', exact: true }).click();
  await tab.page.getByRole('heading', { name: '<b>fix</b> & ship' }).waitFor();
  await tab.page.getByRole('button', { name: 'New Session' }).click();
  await tab.page.waitForSelector('.home');
  await tab.page.locator('.session').first().hover();
  await tab.page.getByRole('link', { name: 'Attach to <b>fix</b> & ship' }).click();
  await tab.attached('writer');
  await tab.sees(/^still-here/m);
  expect(tab.session).toBe(session);
});

test('the keyboard can leave the terminal although Tab is the shell’s', async () => {
  await tab.newSession();
  await tab.press('Tab');
  expect(await tab.page.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA');
  await tab.press('Control+Shift+E');
  expect(await tab.page.evaluate(() => document.activeElement?.getAttribute('aria-current'))).toBe('page');
  await tab.page.setViewportSize({ width: 390, height: 700 });
  await tab.page.locator('.sidebar').waitFor({ state: 'hidden' });
  await tab.press('Control+Shift+E');
  expect(await tab.page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toMatch(/^View/);
});

test('a title from the shell is text, in the header and on the tab', async () => {
  await tab.newSession();
  await tab.run("printf '\\e]0;<img src=x onerror=alert(1)>\\a'; sleep 3");
  await until('the title', async () => (await tab.page.title()).startsWith('<img src=x onerror=alert(1)> – '));
  expect(await tab.page.locator('.panel-title').textContent()).toBe('<img src=x onerror=alert(1)>');
  expect(await tab.page.locator('.panel img').count()).toBe(0);
});

test('the theme and the font size are kept, and the shell learns of the new size', async () => {
  await tab.newSession();
  const before = await tab.screen();
  await tab.page.locator('.account').getByRole('button', { name: 'View' }).click();
  await tab.page.getByRole('dialog').getByText('Dark', { exact: true }).click();
  for (let press = 0; press < 6; press++) await tab.page.getByRole('button', { name: 'Larger font' }).click();
  await tab.page.getByRole('button', { name: 'Done' }).click();
  await until('fewer columns', async () => (await tab.screen()).columns < before.columns);
  await tab.page.reload();
  await tab.attached('writer');
  const { columns, rows } = await tab.settled();
  expect(columns).toBeLessThan(before.columns);
  await tab.run('stty size');
  await tab.sees(new RegExp(`^${rows} ${columns}$`, 'm'));
  expect(await tab.page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark');
});

test('nothing that a replay asks the terminal again is typed into the shell', async () => {
  await tab.newSession();
  await tab.run("clear; printf '\\e[c\\e[6n\\e[5n'; sleep 1; read -t 2 -n 200 -s answers; clear; echo done");
  await tab.sees(/^done/m);
  const before = await tab.settled();
  await tab.page.reload();
  await tab.attached('writer');
  await tab.shows(before);
});

test('logging out shows the login page, and the other tab follows', async () => {
  const other = await visit.newTab();
  await other.page.goto(`${stage.url}/`);
  await other.page.waitForSelector('.profile');
  await tab.page.getByRole('button', { name: 'Log out' }).click();
  await tab.page.waitForSelector('input[name=token]');
  await other.page.locator('.home').getByRole('button', { name: 'New Session' }).click();
  await other.page.waitForSelector('input[name=token]');
});
