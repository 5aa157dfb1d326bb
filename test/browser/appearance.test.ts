import type { Browser, BrowserContext } from 'playwright-core';
import { PocketStage } from '../stories/pocket-stage.js';
import { launchChromium } from './chromium.js';
import { Tab } from './tab.js';

const LONG_AGO = 'localhost/claudecode-sandbox:long-ago';

let stage: PocketStage;
let empty: PocketStage;
let browser: Browser;

beforeAll(async () => {
  stage = await PocketStage.open({
    replicas: 1,
    environment: { BANNER: 'Pocket cluster: shells run as you, on this machine.', LOGIN_ATTEMPTS_PER_MINUTE: '60' },
  });
  await stage.changeProfile('old-image', (container) => {
    container.image = LONG_AGO;
  });
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
  await stage.stop();
});

describe.each([
  ['light', 'alice'],
  ['dark', 'bob'],
] as const)('a %s page', (colorScheme, user) => {
  let context: BrowserContext;
  let tab: Tab;
  const shot = (name: string): Promise<void> => tab.screenshot(`${name}-${colorScheme}`);

  beforeEach(async () => {
    context = await browser.newContext({
      colorScheme,
      reducedMotion: 'reduce',
      viewport: { width: 1280, height: 800 },
    });
    tab = await Tab.open(context, stage.urls[0]!);
  });

  afterEach(async () => {
    await context.close();
    expect(tab.complaints).toEqual([]);
  });

  test('asks for a token, and says what is wrong with it', async () => {
    await tab.page.goto(stage.urls[0]!);
    await tab.page.waitForSelector('input[name=token]');
    await shot('login');
    await tab.page.keyboard.type('not-a-token');
    await tab.page.keyboard.press('Enter');
    await tab.page.getByText('That token is not valid').waitFor();
    await shot('login-refused');
    await tab.page.locator('input[name=token]').fill(stage.tokens[user]);
    await tab.page.getByRole('button', { name: 'Log in' }).click();
    await tab.page.waitForSelector('.profile');
  });

  test('shows a session from its start to its end', async () => {
    await tab.logIn(stage.tokens[user]);
    await tab.page.getByText('Sessions', { exact: true }).waitFor();
    await shot('empty');
    await tab.page.getByLabel('Name', { exact: true }).fill('fix the build');
    await tab.newSession();
    await tab.run(
      'ls --color=always /usr /etc/apt; git status 2>&1 | head -2; echo "→ ünïcode ✓ see https://example.org"',
    );
    await tab.sees(/ünïcode/);
    await tab.settled();
    await shot('session');

    await tab.press('Control+Shift+F');
    await tab.page.keyboard.type('share');
    await shot('search');
    await tab.page.keyboard.press('Escape');

    await tab.page.locator('.account').getByRole('button', { name: 'View' }).click();
    await tab.page.getByRole('dialog').waitFor();
    await shot('view');
    await tab.page.getByRole('button', { name: 'Done' }).click();

    await tab.page.setViewportSize({ width: 390, height: 760 });
    await tab.settled();
    await shot('phone-session');
    await tab.page.locator('.panel').getByRole('button', { name: 'Sessions' }).click();
    await tab.page.locator('.menu-open').waitFor();
    await shot('phone-menu');
    await tab.page.keyboard.press('Escape');
    await tab.page.setViewportSize({ width: 1280, height: 800 });
    await tab.settled();

    await context.setOffline(true);
    await stage.cutStreams(tab.session);
    await tab.page.waitForSelector('.countdown:not(:empty)');
    await shot('reconnecting');
    await context.setOffline(false);
    await tab.attached('writer');

    await tab.page.getByRole('button', { name: 'End fix the build' }).click();
    await tab.page.getByText('files die with the sandbox').waitFor();
    await shot('end-question');
    await tab.page.getByRole('button', { name: 'End session' }).click();
    await tab.page.waitForSelector('.end-card');
    await shot('ended');
  });

  test('says why a session cannot start', async () => {
    await tab.logIn(stage.tokens[user]);
    await tab.page.reload();
    await tab.page.locator('input[value=old-image]').check();
    await tab.page.locator('.home').getByRole('button', { name: 'New Session' }).click();
    await tab.page.waitForSelector('.progress.failed');
    expect(await tab.page.locator('.progress').textContent()).toContain(LONG_AGO);
    await shot('cannot-start');
  });

  test('fits a phone', async () => {
    await tab.page.setViewportSize({ width: 390, height: 760 });
    await tab.logIn(stage.tokens[user]);
    await shot('phone-home');
    const widths = await tab.page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    expect(widths[0]).toBe(widths[1]);
  });
});

describe('before there is a user', () => {
  beforeAll(async () => {
    empty = await PocketStage.open({ replicas: 1, environment: { USERS_DIR: '/nonexistent' } });
  });

  afterAll(() => empty.stop());

  test('the page says how an operator adds one', async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const tab = await Tab.open(context, empty.urls[0]!);
    await tab.page.goto(empty.urls[0]!);
    await tab.page.getByText('npm run users -- add NAME').waitFor();
    await tab.screenshot('no-users-light');
    await context.close();
  });
});
