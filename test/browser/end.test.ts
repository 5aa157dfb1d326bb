import { BrowserStage, type Visit } from './browser-stage.js';
import type { Tab } from './tab.js';

let stage: BrowserStage;
let visit: Visit;
let tab: Tab;

beforeAll(async () => {
  stage = await BrowserStage.open();
  await stage.pocket.addProfile('brief-idle', { KEEPER_IDLE_SECONDS: '16' });
  await stage.pocket.addProfile('brief', { KEEPER_DEADLINE_SECONDS: '16' });
});

afterAll(() => stage.close());

beforeEach(async () => {
  visit = await stage.logIn();
  tab = visit.tab;
});

afterEach(async () => {
  expect(await stage.leave()).toEqual([]);
});

/** Waits for the end of the session with this reason. @returns what the page says */
async function ended(reason: string, where = tab): Promise<string> {
  const card = where.page.locator(`.end-card[data-reason="${reason}"]`);
  await card.waitFor();
  return (await card.innerText()).replace(/\s+/g, ' ');
}

test('the shell exits: the page says so and with what code, keeps the last screen, and offers another session', async () => {
  await tab.newSession();
  await tab.run("exec sh -c 'echo last-$((1 + 1))-words; exit 3'");
  const words = await ended('exited');
  expect(words).toContain('The shell has exited');
  expect(words).toMatch(/\b3\b/);
  expect(words).toContain('Its files are gone with the sandbox');
  await tab.sees(/^last-2-words/m);
  await tab.page.locator('.end-card').getByRole('button', { name: 'New Session' }).click();
  await tab.page.waitForSelector('.home');
});

test('the shell is killed: the page names the signal', async () => {
  await tab.newSession();
  await tab.run('kill -9 $$');
  expect(await ended('exited')).toMatch(/SIGKILL/);
});

test('End asks first and says that files die; no is no, and yes tells every tab', async () => {
  const session = await tab.newSession();
  const second = await visit.secondTab();
  const end = tab.page.getByRole('button', { name: `End ${session}` });
  await end.click();
  await tab.page.getByRole('dialog').getByText('its files die with the sandbox').waitFor();
  await tab.page.keyboard.press('Escape');
  await tab.page.getByRole('dialog').waitFor({ state: 'detached' });
  await tab.run('echo lives-$((1 + 1))');
  await tab.sees(/^lives-2/m);
  await end.click();
  await tab.page.getByRole('button', { name: 'End session' }).click();
  expect(await ended('ended')).toContain('The session was ended');
  expect(await ended('ended', second)).toContain('The session was ended');
});

test('a sandbox deleted behind the bridge’s back, and one killed for memory, end truthfully', async () => {
  const deleted = await tab.newSession();
  await stage.pocket.deletePod(deleted);
  expect(await ended('ended')).toContain('The session was ended');
  const killed = await tab.newSession();
  stage.pocket.cluster.faults.outOfMemory('claudecode-terminal', `claudecode-sandbox-${killed}`);
  expect(await ended('out-of-memory')).toContain('out of memory');
});

test('an idle session is announced before it ends; Extend moves it, and in the end the page says why', async () => {
  await tab.newSession('brief-idle');
  await tab.notice('idle').getByRole('button', { name: 'Extend' }).click();
  await tab.notice('idle').getByText('The idle limit has moved').waitFor();
  await tab.notice('idle').getByRole('button', { name: 'Extend' }).waitFor();
  expect(await tab.notice('idle').textContent()).toMatch(/\d{1,2}:\d{2}/);
  expect(await ended('idle')).toContain('Ended because nobody used it');
});

test('the time limit is announced too and cannot be moved', async () => {
  await tab.newSession('brief');
  await tab.notice('session').getByText('cannot be moved').waitFor();
  expect(await tab.notice('session').getByRole('button', { name: 'Extend' }).count()).toBe(0);
  expect(await ended('deadline')).toContain('Ended at its time limit');
});

test('a session that is gone says so, and is not asked for again', async () => {
  await tab.page.goto(`${stage.url}/#/session/aaaaaaaaaaaa`);
  expect(await ended('gone')).toContain('This session does not exist any more');
});
