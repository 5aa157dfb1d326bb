import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeUserToken } from '../../service/user-token.js';
import { until } from '../stories/until.js';
import { BrowserStage, type Visit } from './browser-stage.js';
import type { Tab } from './tab.js';

const carol = makeUserToken();

let users: string;
let stage: BrowserStage;
let visit: Visit;
let tab: Tab;

beforeAll(async () => {
  users = await mkdtemp(join(tmpdir(), 'users-'));
  stage = await BrowserStage.open({ environment: { USERS_DIR: users, LOGIN_ATTEMPTS_PER_MINUTE: '6' } });
});

afterAll(async () => {
  await stage.close();
  await rm(users, { recursive: true });
});

beforeEach(async () => {
  visit = await stage.visit();
  tab = visit.tab;
});

afterEach(async () => {
  expect(await stage.leave()).toEqual([]);
});

test('before there is a user the page says how an operator adds one, and then it lets that user in', async () => {
  await tab.page.goto(stage.url);
  await tab.page.getByText('Nobody can log in yet').waitFor();
  await tab.page.getByText('npm run users -- add NAME').waitFor();
  expect(await tab.page.locator('input').count()).toBe(0);
  await writeFile(join(users, 'carol'), carol.hash);
  await until('the login form', async () => {
    await tab.page.reload();
    await tab.page.waitForSelector('.login-card');
    return tab.page.locator('input[name=token]').isVisible();
  });
});

test('the token can be typed; the page has the name of whoever came in', async () => {
  await tab.page.goto(stage.url);
  await tab.page.getByLabel('Token').fill(` ${carol.token} `);
  await tab.page.keyboard.press('Enter');
  await tab.page.locator('.account-name', { hasText: 'carol' }).waitFor();
});

test('a link that is broken or names no user says so, and the token does not stay in the address or the history', async () => {
  await tab.page.goto(`${stage.url}/#token=%E0%A4%A`);
  await tab.page.getByText('That link is broken').waitFor();
  await tab.page.goto(`${stage.url}/#token=nobodys`);
  await tab.page.getByText('That token is not valid').waitFor();
  expect(tab.page.url()).toBe(`${stage.url}/`);
  await tab.logIn(carol.token);
  expect(tab.page.url()).toBe(`${stage.url}/`);
  expect(await visit.context.cookies()).toMatchObject([{ httpOnly: true, sameSite: 'Strict' }]);
});

test('a bridge that does not answer is said, and asked again on demand', async () => {
  await visit.context.route('**/api/account', (route) => route.abort());
  await tab.page.goto(stage.url);
  await tab.page.getByText('The bridge does not answer').waitFor();
  await visit.context.unroute('**/api/account');
  await tab.page.getByRole('button', { name: 'Try again' }).click();
  await tab.page.waitForSelector('input[name=token]');
});

test('a removed user is shown the door, at once in an open session too', async () => {
  await tab.logIn(carol.token);
  const session = await tab.newSession();
  const second = await visit.newTab();
  await second.page.goto(`${stage.url}/`);
  await second.page.waitForSelector('.profile');
  // Somebody else stays, or nobody could log in at all.
  await writeFile(join(users, 'dave'), makeUserToken().hash);
  await rm(join(users, 'carol'));
  await second.page.locator('.home').getByRole('button', { name: 'New Session' }).click();
  await second.page.getByText('You are no longer logged in').waitFor();
  await stage.pocket.cutStreams(session);
  await tab.page.getByText('You are no longer logged in').waitFor();
});

test('too many attempts have to wait, and are told how long', async () => {
  await tab.page.goto(stage.url);
  const field = tab.page.getByLabel('Token');
  const problem = tab.page.locator('#login-problem');
  for (let attempt = 1; !/^Too many/.test((await problem.textContent()) ?? ''); attempt++) {
    expect(attempt).toBeLessThan(10);
    await field.fill(`guess-${attempt}`);
    await tab.page.keyboard.press('Enter');
    await tab.page.locator('#login-problem:not(:empty)').waitFor();
  }
  expect(await problem.textContent()).toMatch(/^Too many attempts\. Try again in \d+ s\.$/);
});
