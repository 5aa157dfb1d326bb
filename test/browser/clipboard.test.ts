import { createHash } from 'node:crypto';
import { BrowserStage, PLACES, type Visit } from './browser-stage.js';
import type { Tab } from './tab.js';

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

  test('what was copied can be pasted: with keys, and with the button', async () => {
    await tab.newSession();
    await tab.run('clear; echo copy-me-please');
    await tab.sees(/^copy-me-please/m);
    await tab.select([0, 0], [40, 0]);
    await tab.page.keyboard.press('Control+Shift+C');
    await tab.type('echo 1:');
    await tab.press('Control+Shift+V');
    await tab.press('Enter');
    await tab.sees(/^1:copy-me-please/m);
    await tab.run('clear; echo and-this-one-too');
    await tab.sees(/^and-this-one-too/m);
    await tab.select([0, 0], [40, 0]);
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
    const notice = tab.notice('clipboard');
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

  test('“Never in this session” is never, and a program cannot read the clipboard', async () => {
    await tab.newSession();
    const osc52 = (text: string): string => `printf '\\e]52;c;${Buffer.from(text).toString('base64')}\\a'`;
    await tab.run(osc52('once'));
    await tab.notice('clipboard').getByRole('button', { name: 'Never in this session' }).click();
    await tab.run(
      `${osc52('twice')}; printf '\\e]52;c;?\\a'; read -t 1 -n 1 -s answer; echo "answer:$answer:$((1 + 1))"`,
    );
    await tab.sees(/^answer::2/m);
    expect(await tab.notice('clipboard').count()).toBe(0);
  });

  test('several lines are pasted as one piece, and no mark in them ends it early', async () => {
    await tab.newSession();
    await tab.run("clear; bind 'set enable-bracketed-paste on'; echo set");
    await tab.sees(/^set/m);
    await tab.paste('echo first-$((1 + 1))\necho \u001b[201~second-$((1 + 2))\n');
    await tab.sees(/second-.*$/m);
    await tab.settled();
    expect(await tab.text()).not.toMatch(/^first-2/m);
    await tab.press('Enter');
    await tab.sees(/^first-2\nsecond-3/m);
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
    await tab.paste(paste);
    await tab.sees(new RegExp(createHash('sha256').update(paste).digest('hex')));
  });
});
