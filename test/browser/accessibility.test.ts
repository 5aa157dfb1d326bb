import axe from 'axe-core';
import { BrowserStage, type Visit } from './browser-stage.js';
import type { Tab } from './tab.js';

let stage: BrowserStage;
let visit: Visit;
let tab: Tab;

beforeAll(async () => {
  stage = await BrowserStage.open({ environment: { BANNER: 'Pocket cluster: shells run as you, on this machine.' } });
});

afterAll(() => stage.close());

afterEach(async () => {
  expect(await stage.leave()).toEqual([]);
});

/** What axe finds wrong with the page as it is now, with the elements. */
async function violations(): Promise<string[]> {
  // What fades in has not its colours yet.
  await tab.still();
  await tab.page.evaluate(axe.source);
  const found = await tab.page.evaluate(async () => {
    const engine = (window as unknown as { axe: typeof axe }).axe;
    return (await engine.run(document, { resultTypes: ['violations'] })).violations;
  });
  return found.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`,
  );
}

const activeElement = (): Promise<string> =>
  tab.page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.tagName ?? '');

describe.each(['light', 'dark'] as const)('in a %s page', (colorScheme) => {
  test('axe has nothing against login, home, a session, its dialogs, its notices and its end', async () => {
    visit = await stage.visit({ colorScheme, reducedMotion: 'reduce' });
    tab = visit.tab;
    await tab.page.goto(`${stage.url}/#token=wrong`);
    await tab.page.getByText('That token is not valid').waitFor();
    expect(await violations()).toEqual([]);
    await tab.logIn(stage.pocket.tokens.alice);
    expect(await violations()).toEqual([]);
    const session = await tab.newSession();
    await tab.run(`printf '\\e]52;;${btoa('text')}\\a'; ls --color=always /usr`);
    await tab.notice('clipboard').waitFor();
    await tab.settled();
    expect(await violations()).toEqual([]);
    await tab.press('Control+Shift+F');
    await tab.page.keyboard.type('haystack');
    expect(await violations()).toEqual([]);
    await tab.page.keyboard.press('Escape');
    await tab.page.locator('.account').getByRole('button', { name: 'View' }).click();
    expect(await violations()).toEqual([]);
    await tab.page.keyboard.press('Escape');
    await tab.page.getByRole('button', { name: `Rename ${session}` }).click();
    expect(await violations()).toEqual([]);
    await tab.page.keyboard.press('Escape');
    await tab.page.getByRole('button', { name: `End ${session}` }).click();
    expect(await violations()).toEqual([]);
    await tab.page.getByRole('button', { name: 'End session' }).click();
    await tab.page.waitForSelector('.end-card');
    expect(await violations()).toEqual([]);
  });
});

test('everything can be done with the keyboard: log in, start, type, leave the terminal, end', async () => {
  visit = await stage.visit();
  tab = visit.tab;
  const { keyboard } = tab.page;
  const tabTo = async (name: RegExp): Promise<void> => {
    for (let presses = 0; !name.test(await activeElement()); presses++) {
      expect(presses).toBeLessThan(40);
      await keyboard.press('Tab');
    }
  };
  await tab.page.goto(stage.url);
  await tab.page.waitForSelector('input[name=token]');
  await keyboard.type(stage.pocket.tokens.alice);
  await keyboard.press('Enter');
  await tab.page.waitForSelector('.profile input:checked');
  await tab.page.locator('.home').getByRole('button', { name: 'New Session' }).focus();
  await keyboard.press('Enter');
  await tab.attached('writer');
  expect(await activeElement()).toMatch(/^Terminal/);
  await keyboard.type('echo typed-$((1 + 1))');
  await keyboard.press('Enter');
  await tab.sees(/^typed-2/m);
  await keyboard.press('Tab');
  expect(await activeElement()).toMatch(/^Terminal/);
  await keyboard.press('Control+Shift+E');
  expect(await activeElement()).not.toMatch(/^Terminal/);
  await tabTo(/^End /);
  await keyboard.press('Enter');
  await tab.page.getByRole('dialog').waitFor();
  // An answer that cannot be taken back is not the one under the finger.
  expect(await tab.page.evaluate(() => document.activeElement?.textContent)).toBe('Keep it');
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await tab.page.waitForSelector('.end-card[data-reason=ended]');
});

test('for screen readers the output is text in the document, and stays so after a reload', async () => {
  visit = await stage.logIn();
  tab = visit.tab;
  await tab.newSession();
  await tab.page.locator('.account').getByRole('button', { name: 'View' }).click();
  await tab.page.getByText('Output as text for screen readers').click();
  await tab.page.keyboard.press('Escape');
  await tab.page.locator('.terminal-place textarea').focus();
  await tab.page.keyboard.type('echo spoken-$((1 + 1))');
  await tab.page.keyboard.press('Enter');
  await tab.page.locator('.xterm-accessibility', { hasText: 'spoken-2' }).waitFor({ state: 'attached' });
  await tab.page.reload();
  await tab.attached('writer');
  await tab.page.locator('.xterm-accessibility', { hasText: 'spoken-2' }).waitFor({ state: 'attached' });
});
