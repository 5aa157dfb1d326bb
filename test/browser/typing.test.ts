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

/** A program that reads `count` bytes as they come and shows them in hexadecimal. */
async function readBytes(count: number): Promise<void> {
  await tab.run(
    `bind 'set enable-bracketed-paste off'; clear; stty raw -echo; echo ready; head -c ${count} | od -An -v -tx1 -w${count}; stty sane`,
  );
  await tab.sees(/^ready/m);
}

/** Waits until that program has shown `bytes`. */
async function seesBytes(bytes: Buffer): Promise<void> {
  const hexadecimal = bytes.toString('hex');
  await until(hexadecimal, async () => (await tab.text()).replace(/\s/g, '').includes(hexadecimal));
}

test('Shift+Enter sends what Claude Code takes for a new line', async () => {
  await readBytes(2);
  await tab.press('Shift+Enter');
  await seesBytes(Buffer.from('\u001b\r'));
});

test('keys send what terminals send', async () => {
  const keys = {
    ArrowUp: '\u001b[A',
    'Control+ArrowLeft': '\u001b[1;5D',
    Delete: '\u001b[3~',
    PageDown: '\u001b[6~',
    F5: '\u001b[15~',
    'Alt+b': '\u001bb',
    'Control+r': '\u0012',
    'Control+w': '\u0017',
    'Shift+Tab': '\u001b[Z',
    Escape: '\u001b',
    Backspace: '\u007f',
    Tab: '\t',
  };
  const sent = Buffer.from(Object.values(keys).join(''));
  await readBytes(sent.length);
  for (const key of Object.keys(keys)) await tab.press(key);
  await seesBytes(sent);
});

test('emoji, combining and wide characters arrive whole, however they are typed', async () => {
  const typed = Buffer.from('👩🏽‍💻 e\u0301 日本語 🇰🇷 ✓');
  await readBytes(typed.length);
  await tab.type(typed.toString());
  await seesBytes(typed);
});

test('what an input method composes is sent once, when it is done', async () => {
  const typed = Buffer.from('한국!');
  await readBytes(typed.length);
  await tab.page.locator('.terminal-place textarea').focus();
  const devtools = await visit.context.newCDPSession(tab.page);
  for (const syllable of [
    ['ㅎ', '하', '한'],
    ['ㄱ', '구', '국'],
  ]) {
    for (const text of syllable) {
      await devtools.send('Input.imeSetComposition', { text, selectionStart: 1, selectionEnd: 1 });
    }
    await devtools.send('Input.insertText', { text: syllable.at(-1)! });
  }
  await tab.press('!');
  await seesBytes(typed);
});

test('a wide character takes two cells, and the line editor deletes it as one', async () => {
  const { cursor } = await tab.settled();
  await tab.type('日本x');
  await until('five cells more', async () => (await tab.screen()).cursor.column === cursor.column + 5);
  await tab.press('Backspace');
  await tab.press('Backspace');
  await until('two cells more', async () => (await tab.screen()).cursor.column === cursor.column + 2);
  expect((await tab.text()).trimEnd()).toMatch(/日$/);
});

test('Ctrl-C stops a flood', async () => {
  await tab.run('yes floods');
  await tab.sees(/^floods\nfloods$/m);
  await tab.interrupt();
  await tab.run('echo still-$((40 + 2))');
  await tab.sees(/^still-42/m);
});
