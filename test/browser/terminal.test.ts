import { until } from '../stories/until.js';
import { BrowserStage, PLACES, type Visit } from './browser-stage.js';
import { findVi } from './chromium.js';
import type { Tab } from './tab.js';

/** More than the keeper's log of 4 MiB, with lines that can be told apart. */
const FLOOD = "seq -f 'line %.0f of the flood, long enough to be worth something' 1 110000; echo flood-is-over";
const VI_OPTIONS = "-u NONE -c 'set nocompatible mouse=a ttymouse=sgr nu'";

describe.each(PLACES)('in Chromium, on %s', (place) => {
  let stage: BrowserStage;
  let visit: Visit;
  let tab: Tab;

  beforeAll(async () => {
    stage = await BrowserStage.open({ place });
  });

  afterAll(() => stage.close());

  beforeEach(async () => {
    visit = await stage.logIn();
    tab = visit.tab;
  });

  afterEach(async () => {
    expect(await stage.leave()).toEqual([]);
  });

  test('the page is as insecure a context as its address makes it, and says so', async () => {
    const trusted = place === '127.0.0.1';
    const found = await tab.page.evaluate(() => ({
      isSecureContext: window.isSecureContext,
      clipboard: 'clipboard' in navigator,
      randomUUID: 'randomUUID' in crypto,
    }));
    expect(found).toEqual({ isSecureContext: trusted, clipboard: trusted, randomUUID: trusted });
    expect(await tab.notice('http').count()).toBe(trusted ? 0 : 1);
    if (trusted) return;
    await tab.notice('http').getByRole('button', { name: 'Dismiss' }).click();
    await tab.page.reload();
    await tab.page.waitForSelector('.profile');
    expect(await tab.notice('http').count()).toBe(0);
  });

  test('the link logs in and leaves the address; New Session is a shell that answers', async () => {
    expect(tab.page.url()).toBe(`${stage.url}/`);
    await tab.newSession();
    await tab.run('echo $((6 * 7)) ünïcode ✓ 日本');
    await tab.sees(/^42 ünïcode ✓ 日本/m);
    await tab.run('stty size');
    const { rows, columns } = await tab.screen();
    await tab.sees(new RegExp(`^${rows} ${columns}$`, 'm'));
  });

  test('bash after more than 4 MiB: the same cells, cursor and modes after a reload and in a new tab', async () => {
    await tab.newSession();
    await tab.run(FLOOD);
    await tab.sees(/^flood-is-over/m);
    await tab.run("printf '\\e[1;31mred \\e[7minverse\\e[0m \\e[38;5;214morange\\e[0m'; echo; echo 'still typin");
    await tab.type('half a line');
    const before = await tab.settled();
    await tab.page.reload();
    await tab.attached('writer');
    await tab.shows(before);
    const second = await visit.secondTab();
    await second.attached('watcher');
    await second.shows(before);
    await tab.interrupt();
    await tab.run('echo goes-on');
    await second.sees(/^goes-on/m);
  });

  test('vim after more than 4 MiB: the same cells, cursor and modes after a reload and in a new tab', async () => {
    const vi = findVi();
    await tab.newSession();
    await tab.run(FLOOD);
    await tab.sees(/^flood-is-over/m);
    await tab.run(`seq 1 500 > numbers; ${vi} ${VI_OPTIONS} numbers`);
    await tab.sees(/"numbers".*500/);
    await tab.type('250G');
    await tab.type('A and more');
    const before = await tab.settled();
    expect(before.buffer).toBe('alternate');
    await tab.page.reload();
    await tab.attached('writer');
    await tab.shows(before);
    const second = await visit.secondTab();
    await second.shows(before);
    await tab.press('Escape');
    await tab.type(':q!');
    await tab.press('Enter');
    await until('the normal screen', async () => (await tab.screen()).buffer === 'normal');
    await tab.sees(/flood-is-over/);
  });

  test('vim that has itself drawn more than 4 MiB is the same too, and takes keys and the mouse as before', async () => {
    const vi = findVi();
    await tab.newSession();
    await tab.run(`seq -f '%.0f ${'=-'.repeat(40)}' 1 60000 > lines; ${vi} ${VI_OPTIONS} lines`);
    await tab.sees(/"lines".*60000/);
    const sent = await stage.pocket.metric('berth_viewer_sent_bytes_total');
    // A macro that calls itself: each page forward is drawn, until there is no more.
    await tab.type('qqqqq');
    await tab.press('Control+F');
    await tab.type('@qq@q');
    await tab.sees(/^ *60000 60000 /m);
    await tab.type('zb');
    await tab.sees(/^ *59990 59990 /m);
    const before = await tab.settled();
    expect((await stage.pocket.metric('berth_viewer_sent_bytes_total')) - sent).toBeGreaterThan(4 * 1024 * 1024);
    await tab.page.reload();
    await tab.attached('writer');
    await tab.shows(before);
    const { x, y } = await tab.cell(20, 3);
    await tab.page.mouse.click(x, y);
    await until('the cursor where the mouse was', async () => {
      const { cursor } = await tab.screen();
      return cursor.row === 3 && cursor.column === 20;
    });
    await tab.press('ArrowDown');
    await until('the cursor a line below', async () => (await tab.screen()).cursor.row === 4);
    const after = await tab.settled();
    const second = await visit.secondTab();
    await second.shows(after);
  });
});
