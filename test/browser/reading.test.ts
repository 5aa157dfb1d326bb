import { until } from '../stories/until.js';
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
  await tab.newSession();
});

afterEach(async () => {
  expect(await stage.leave()).toEqual([]);
});

/** Clicks a cell, and returns the address of the tab that opens, and whether that tab can reach this one. */
async function follow(column: number, row: number): Promise<{ readonly url: string; readonly opener: boolean }> {
  const { x, y } = await tab.cell(column, row);
  await tab.page.mouse.move(x, y);
  await tab.page.locator('.status-link:not(:empty)').waitFor();
  const [page] = await Promise.all([visit.context.waitForEvent('page'), tab.page.mouse.click(x, y)]);
  await page.waitForURL(/^http/);
  return { url: page.url(), opener: await page.evaluate(() => window.opener !== null) };
}

test('a link in the output says where it leads and opens in a tab that knows nothing of this one', async () => {
  const link = `${stage.url}/api/status`;
  await tab.run(`clear; printf '%s\\n' ${link}?plain; printf '\\e]8;;${link}?hidden\\e\\\\words\\e]8;;\\e\\\\\\n'`);
  await tab.sees(/^http.*plain\nwords$/m);
  expect(await follow(3, 0)).toEqual({ url: `${link}?plain`, opener: false });
  const { x, y } = await tab.cell(2, 1);
  await tab.page.mouse.move(x, y);
  await tab.page.locator('.status-link', { hasText: `${link}?hidden` }).waitFor();
  expect(await follow(2, 1)).toEqual({ url: `${link}?hidden`, opener: false });
});

test('a link that would run a script or read a file is no link', async () => {
  const link = `${stage.url}/api/status`;
  const bad = ['javascript:alert(1)', 'file:///etc/passwd', 'data:text/html,x'];
  const words = [...bad, link].map((uri) => `\\e]8;;${uri}\\e\\\\words\\e]8;;\\e\\\\\\n`).join('');
  await tab.run(`clear; printf '${words}'`);
  await tab.sees(/^words\nwords\nwords\nwords$/m);
  for (const row of bad.keys()) {
    const { x, y } = await tab.cell(2, row);
    await tab.page.mouse.click(x, y);
  }
  expect((await follow(2, bad.length)).url).toBe(link);
  // The first tab and the one that the good link opened.
  expect(visit.context.pages()).toHaveLength(2);
});

test('text is found far up in the output, selected, and can be copied; Escape goes back to the shell', async () => {
  await tab.run("clear; seq -f 'straw-%.0f-' 1 5000; echo 'all of it'");
  await tab.sees(/^all of it/m);
  await tab.press('Control+Shift+F');
  await tab.page.keyboard.type('straw-1234-');
  await until('the match', async () => (await tab.selection()) === 'straw-1234-');
  await tab.page.getByRole('button', { name: 'Copy', exact: true }).click();
  await tab.press('Control+Shift+F');
  await tab.page.keyboard.type('haystack');
  await tab.page.locator('.search-outcome', { hasText: 'Not found' }).waitFor();
  await tab.page.keyboard.press('Escape');
  await until('no search bar', () => tab.page.locator('.search-bar').isHidden());
  await tab.page.keyboard.insertText('echo found:');
  await tab.page.keyboard.press('Control+Shift+V');
  await tab.page.keyboard.press('Enter');
  await tab.sees(/^found:straw-1234-/m);
});

test('Enter goes to the next match and Shift+Enter back', async () => {
  await tab.run("clear; printf '%s\\n' needle Needle NEEDLE; echo 'all of it'");
  await tab.sees(/^all of it/m);
  await tab.press('Control+Shift+F');
  await tab.page.keyboard.type('NeEdLe');
  const selects = (other: (text: string) => boolean): Promise<string> =>
    until('a match', async () => {
      const text = await tab.selection();
      return text !== '' && other(text) ? text : undefined;
    });
  const first = await selects(() => true);
  await tab.page.keyboard.press('Enter');
  const second = await selects((text) => text !== first);
  await tab.page.keyboard.press('Enter');
  await selects((text) => text !== first && text !== second);
  await tab.page.keyboard.press('Shift+Enter');
  await selects((text) => text === second);
});

test('the shell learns when the window has another size, and so does every other viewer', async () => {
  const second = await visit.secondTab();
  await second.attached('watcher');
  const before = await tab.screen();
  await tab.page.setViewportSize({ width: 900, height: 520 });
  await until('a smaller terminal', async () => {
    const { columns, rows } = await tab.screen();
    return columns < before.columns && rows < before.rows;
  });
  const { columns, rows } = await tab.settled();
  await tab.run('stty size');
  await tab.sees(new RegExp(`^${rows} ${columns}$`, 'm'));
  await until('the watcher’s', async () => {
    const screen = await second.screen();
    return screen.columns === columns && screen.rows === rows;
  });
});

test('the page turns dark and light with the system, unless a person has chosen', async () => {
  const theme = (): Promise<string | undefined> => tab.page.evaluate(() => document.documentElement.dataset['theme']);
  await tab.page.emulateMedia({ colorScheme: 'dark' });
  await until('dark', async () => (await theme()) === 'dark');
  await tab.page.emulateMedia({ colorScheme: 'light' });
  await until('light', async () => (await theme()) === 'light');
  await tab.page.locator('.account').getByRole('button', { name: 'View' }).click();
  await tab.page.getByRole('dialog').getByText('Dark', { exact: true }).click();
  await tab.page.reload();
  await tab.attached('writer');
  expect(await theme()).toBe('dark');
});
