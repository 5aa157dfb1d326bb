import { createHash } from 'node:crypto';
import type { Browser, BrowserContext } from 'playwright-core';
import { PocketStage } from '../stories/pocket-stage.js';
import { until } from '../stories/until.js';
import { findVi, launchChromium } from './chromium.js';
import { NodeAddress } from './node-address.js';
import { Tab } from './tab.js';

/** More than the keeper's log of 4 MiB, with lines that can be told apart. */
const FLOOD = "seq -f 'line %.0f of the flood, long enough to be worth something' 1 110000; echo flood-is-over";

let stage: PocketStage;

beforeAll(async () => {
  stage = await PocketStage.open({ replicas: 1 });
});

afterAll(() => stage.stop());

describe.each(['127.0.0.1', 'a node address over plain HTTP'])('in Chromium, on %s', (where) => {
  const onNode = where !== '127.0.0.1';
  let node: NodeAddress | undefined;
  let browser: Browser;
  let context: BrowserContext;
  let url: string;
  let tab: Tab;
  const tabs: Tab[] = [];

  const openTab = async (): Promise<Tab> => {
    const opened = await Tab.open(context, url);
    tabs.push(opened);
    return opened;
  };
  /** Another tab on the session of `tab`. */
  const openSecond = async (): Promise<Tab> => {
    const second = await openTab();
    await second.page.goto(tab.page.url());
    await second.attached();
    return second;
  };

  beforeAll(async () => {
    const bridge = new URL(stage.urls[0]!);
    if (onNode) node = await NodeAddress.open(Number(bridge.port));
    url = node?.url ?? bridge.origin;
    browser = await launchChromium(node?.chromium);
  });

  afterAll(async () => {
    await browser.close();
    await node?.close();
  });

  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1100, height: 700 } });
    tab = await openTab();
    await tab.logIn(stage.tokens.alice);
  });

  afterEach(async () => {
    const complaints = tabs.splice(0).flatMap((each) => each.complaints);
    await context.close();
    expect(complaints).toEqual([]);
  });

  test('the page is as insecure a context as its address makes it, and says so', async () => {
    expect(await tab.page.evaluate(() => window.isSecureContext)).toBe(!onNode);
    expect(await tab.page.locator('[data-notice=http]').count()).toBe(onNode ? 1 : 0);
    if (!onNode) return;
    await tab.page.locator('[data-notice=http]').getByRole('button', { name: 'Dismiss' }).click();
    await tab.page.reload();
    await tab.page.waitForSelector('.profile');
    expect(await tab.page.locator('[data-notice=http]').count()).toBe(0);
  });

  test('the link logs in and leaves the address; New Session is a shell that answers', async () => {
    expect(tab.page.url()).toBe(`${url}/`);
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
    const second = await openSecond();
    await second.attached('watcher');
    await second.shows(before);
    await tab.press('Control+C');
    await tab.run('echo goes-on');
    await second.sees(/^goes-on/m);
  });

  test('vim after more than 4 MiB: the same cells, cursor and modes after a reload and in a new tab', async () => {
    const vi = findVi();
    await tab.newSession();
    await tab.run(FLOOD);
    await tab.sees(/^flood-is-over/m);
    await tab.run(`seq 1 500 > numbers; ${vi} -u NONE -c 'set nocompatible mouse=a nu' numbers`);
    await tab.sees(/"numbers".*500/);
    await tab.type('250G');
    await tab.type('A and more');
    const before = await tab.settled();
    expect(before.buffer).toBe('alternate');
    await tab.page.reload();
    await tab.attached('writer');
    await tab.shows(before);
    const second = await openSecond();
    await second.shows(before);
    await tab.press('Escape');
    await tab.type(':q!');
    await tab.press('Enter');
    await until('the normal screen', async () => (await tab.screen()).buffer === 'normal');
    await tab.sees(/flood-is-over/);
  });

  test('what was copied can be pasted: with keys, and with the button', async () => {
    await tab.newSession();
    await tab.run('clear; echo copy-me-please');
    await tab.sees(/^copy-me-please/m);
    await selectRow(tab, 0);
    await tab.page.keyboard.press('Control+Shift+C');
    await tab.type('echo 1:');
    await tab.press('Control+Shift+V');
    await tab.press('Enter');
    await tab.sees(/^1:copy-me-please/m);
    await tab.run('clear; echo and-this-one-too');
    await tab.sees(/^and-this-one-too/m);
    await selectRow(tab, 0);
    await tab.page.getByRole('button', { name: 'Copy', exact: true }).click();
    await tab.type('echo 2:');
    await tab.press('Control+Shift+V');
    await tab.press('Enter');
    await tab.sees(/^2:and-this-one-too/m);
  });

  test('a program may put text on the clipboard once a person has said yes, and is asked about only when it is new', async () => {
    await tab.newSession();
    const encoded = Buffer.from('from the shell').toString('base64');
    await tab.run(`clear; printf '\\e]52;;${encoded}\\a'`);
    const notice = tab.page.locator('[data-notice=clipboard]');
    await notice.waitFor();
    expect(await notice.textContent()).toContain('from the shell');
    await tab.page.reload();
    await tab.attached('writer');
    await tab.settled();
    expect(await notice.count()).toBe(0);
    await tab.run(`clear; printf '\\e]52;;${encoded}\\a'`);
    await notice.getByRole('button', { name: 'Allow' }).click();
    await tab.type('echo got:');
    await tab.press('Control+Shift+V');
    await tab.press('Enter');
    await tab.sees(/^got:from the shell/m);
  });

  test('a large paste arrives byte for byte', async () => {
    await tab.newSession();
    const paste = Array.from(
      { length: 1024 * 1024 },
      (_, index) => 'abcdefghijklmnopqrstuvwxyz0123456789'[(index * 7 + (index >> 10)) % 36],
    ).join('');
    await tab.run(
      `bind 'set enable-bracketed-paste off'; stty raw -echo; echo ready; head -c ${paste.length} | sha256sum; stty sane`,
    );
    await tab.sees(/^ready/m);
    await tab.page.evaluate((text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', text);
      const field = document.querySelector('.terminal-place textarea');
      field?.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, paste);
    await tab.sees(new RegExp(createHash('sha256').update(paste).digest('hex')));
  });

  test('Shift+Enter sends what Claude Code takes for a new line', async () => {
    await tab.newSession();
    await tab.run('stty raw -echo; echo ready; head -c 2 | od -An -tx1; stty sane');
    await tab.sees(/^ready/m);
    await tab.press('Shift+Enter');
    await tab.sees(/^\s*1b 0d/m);
  });

  test('one tab types and the others watch, until one takes over', async () => {
    await tab.newSession();
    await tab.run('echo first-tab');
    const second = await openSecond();
    await second.attached('watcher');
    await second.sees(/^first-tab/m);
    expect((await second.screen()).columns).toBe((await tab.screen()).columns);
    await second.type('x');
    await second.page.locator('[data-notice=typing]').getByRole('button', { name: 'Type here' }).click();
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
      context.waitForEvent('page'),
      tab.page.evaluate(() => void window.open(location.href)),
    ]);
    await page.waitForSelector('.panel[data-state=attached][data-role=writer]');
    await tab.attached('watcher');
  });

  test('a bridge that dies in a flood is survived without a reload: the same shell, the screen whole', async () => {
    await tab.newSession();
    await tab.run('echo shell $$');
    const [, shell] = await tab.sees(/^shell (\d+)/m);
    await tab.page.evaluate(() => Object.assign(window, { notReloaded: true }));
    await tab.run(`for i in $(seq 1 300000); do echo row $i; done; echo flood-is-over in $$`);
    await tab.sees(/^row \d{3}/m);
    await stage.crashBridge();
    await tab.attached('writer');
    await tab.sees(new RegExp(`^flood-is-over in ${String(shell)}`, 'm'));
    const { lines, rows } = await tab.screen();
    const shown = lines.map((line) => /^row (\d+)/.exec(line)?.[1]).filter((row) => row !== undefined);
    expect(shown).toEqual(
      Array.from({ length: shown.length }, (_, index) => String(300_000 - shown.length + 1 + index)),
    );
    expect(shown.length).toBeGreaterThan(rows - 4);
    expect(await tab.page.evaluate(() => 'notReloaded' in window)).toBe(true);
  });
});

/** Drags the mouse over one row of the terminal. */
async function selectRow(tab: Tab, row: number): Promise<void> {
  const box = await tab.page.locator('.xterm-screen').boundingBox();
  if (box === null) throw new Error('no terminal is shown');
  const { rows } = await tab.screen();
  const y = box.y + ((row + 0.5) * box.height) / rows;
  await tab.page.mouse.move(box.x + 1, y);
  await tab.page.mouse.down();
  await tab.page.mouse.move(box.x + box.width / 2, y, { steps: 4 });
  await tab.page.mouse.up();
  await tab.page.getByRole('button', { name: 'Copy', exact: true }).waitFor();
}
