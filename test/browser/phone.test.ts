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
  visit = await stage.logIn('alice', {
    viewport: { width: 390, height: 760 },
    deviceScaleFactor: 2,
    hasTouch: true,
    isMobile: true,
  });
  tab = visit.tab;
});

afterEach(async () => {
  expect(await stage.leave()).toEqual([]);
});

/** Nothing is wider than the screen, and what a finger presses is large enough for one. */
async function fits(): Promise<void> {
  const { wide, small } = await tab.page.evaluate(() => ({
    wide: document.documentElement.scrollWidth - window.innerWidth,
    small: Array.from(document.querySelectorAll('button, input[type=text]'))
      .filter((control) => control.checkVisibility({ visibilityProperty: true }))
      .filter((control) => control.getBoundingClientRect().height < 28)
      .map((control) => control.outerHTML),
  }));
  expect({ wide, small }).toEqual({ wide: 0, small: [] });
}

test('a session is started, renamed and ended with a finger, and every state fits the screen', async () => {
  await fits();
  await tab.page.locator('.home').getByRole('button', { name: 'New Session' }).tap();
  await tab.attached('writer');
  const { session } = tab;
  await fits();
  const { columns } = await tab.settled();
  await tab.run('stty size');
  await tab.sees(new RegExp(`^\\d+ ${columns}$`, 'm'));
  await tab.page.locator('.panel').getByRole('button', { name: 'Sessions' }).tap();
  await tab.page.getByRole('button', { name: `Rename ${session}` }).tap();
  await tab.page.getByLabel('Name', { exact: true }).fill('on the road');
  await fits();
  await tab.page.getByRole('button', { name: 'Rename', exact: true }).tap();
  await tab.page.getByRole('button', { name: 'End on the road' }).tap();
  await fits();
  await tab.page.getByRole('button', { name: 'End session' }).tap();
  await tab.page.waitForSelector('.end-card[data-reason=ended]');
  await fits();
});

test('the keys that a phone lacks are a row of buttons; Ctrl holds for the next key', async () => {
  await tab.newSession();
  const key = (name: string): Promise<void> =>
    tab.page.getByRole('toolbar', { name: 'Keys' }).getByRole('button', { name, exact: true }).tap();
  await tab.run('echo once-$((1 + 1))');
  await tab.sees(/^once-2/m);
  await tab.run('clear');
  await key('Up');
  await key('Up');
  await tab.sees(/# echo once-\S+/);
  await tab.press('Enter');
  await tab.sees(/^once-2/m);
  await tab.run('cat');
  await key('Control, for the next key');
  await tab.page.keyboard.press('c');
  await until('a prompt', async () => /\^C\n.*#$/.test((await tab.text()).trimEnd()));
  await tab.run('echo stopped-$((1 + 1))');
  await tab.sees(/^stopped-2/m);
  await tab.type('ls /etc/hostn');
  await key('Tab');
  await until('a completed name', async () => /ls \/etc\/hostname/.test(await tab.text()));
  expect(await tab.page.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA');
});
