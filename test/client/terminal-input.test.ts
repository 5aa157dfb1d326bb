import { readClipboardRequest, CLIPBOARD_LIMIT } from '../../service/client/terminal/clipboard-request.js';
import { cleanPaste } from '../../service/client/terminal/pasted-text.js';
import { safeLink } from '../../service/client/terminal/safe-link.js';
import { keyCommand } from '../../service/client/terminal/terminal-keys.js';
import { isReply, isUntyped } from '../../service/client/terminal/terminal-reply.js';
import { cleanTitle } from '../../service/client/terminal/terminal-title.js';

const ESC = '\u001b';

describe('keys that are the page’s', () => {
  const plain = { key: '', code: '', ctrlKey: false, shiftKey: false, metaKey: false, altKey: false };
  const controlShift = { ...plain, ctrlKey: true, shiftKey: true };
  const command = { ...plain, metaKey: true };

  it.each([
    [{ ...plain, key: 'Enter', shiftKey: true }, false, 'newline'],
    [{ ...controlShift, code: 'KeyC' }, false, 'copy'],
    [{ ...controlShift, code: 'KeyV' }, false, 'paste'],
    [{ ...controlShift, code: 'KeyF' }, false, 'search'],
    [{ ...controlShift, code: 'KeyE' }, false, 'leave'],
    [{ ...command, code: 'KeyC' }, true, 'copy'],
    [{ ...command, code: 'KeyV' }, true, 'paste'],
    [{ ...command, code: 'KeyC' }, false, undefined],
    [{ ...plain, ctrlKey: true, code: 'KeyC' }, false, undefined],
    [{ ...plain, key: 'Enter' }, false, undefined],
    [{ ...plain, key: 'Tab', code: 'Tab' }, false, undefined],
    [{ ...controlShift, altKey: true, code: 'KeyC' }, false, undefined],
  ])('%j (Mac: %s) means %s', (event, mac, expected) => {
    expect(keyCommand(event, mac)).toBe(expected);
  });
});

describe('what the terminal sends by itself', () => {
  it.each([
    `${ESC}[?1;2c`,
    `${ESC}[>0;276;0c`,
    `${ESC}[0n`,
    `${ESC}[12;40R`,
    `${ESC}[?2026;2$y`,
    `${ESC}[8;24;80t`,
    `${ESC}]11;rgb:1212/1515/1a1a${ESC}\\`,
    `${ESC}P1$r0m${ESC}\\`,
    `${ESC}[0n${ESC}[1;1R`,
  ])('%j is an answer', (data) => {
    expect(isReply(data)).toBe(true);
  });

  it.each([
    'a',
    'c',
    ESC,
    `${ESC}[A`,
    `${ESC}OA`,
    `${ESC}[5~`,
    `${ESC}[1;5C`,
    `${ESC}\r`,
    `${ESC}[200~c${ESC}[201~`,
    '\u0003',
    '日本',
  ])('%j was typed', (data) => {
    expect(isReply(data)).toBe(false);
    expect(isUntyped(data)).toBe(false);
  });

  it.each([`${ESC}[I`, `${ESC}[O`, `${ESC}[<0;10;20M`, `${ESC}[M !!`])('%j is a report nobody typed', (data) => {
    expect(isUntyped(data)).toBe(true);
  });
});

describe('text for the clipboard (OSC 52)', () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');

  it('takes an empty selection, as Claude Code sends it, and the usual ones', () => {
    expect(readClipboardRequest(`;${base64('grüße 日本')}`)).toBe('grüße 日本');
    expect(readClipboardRequest(`c;${base64('x')}`)).toBe('x');
    expect(readClipboardRequest(`pc;${base64('x')}`)).toBe('x');
  });

  it.each([
    ['c;?', 'a query: the clipboard is never read'],
    ['c;', 'nothing'],
    [base64('x'), 'no selection at all'],
    ['z;eA==', 'an unknown selection'],
    ['c;***', 'no base64'],
    ['c;/w==', 'no UTF-8'],
    [`c;${'A'.repeat(2 * CLIPBOARD_LIMIT)}`, 'too much'],
  ])('refuses %.20s (%s)', (data) => {
    expect(readClipboardRequest(data)).toBeUndefined();
  });
});

describe('what comes from elsewhere', () => {
  it('cannot end a bracketed paste early', () => {
    expect(cleanPaste(`a${ESC}[201~rm -rf ~\r`)).toBe('arm -rf ~\r');
    expect(cleanPaste(`a${ESC}[20${ESC}[201~1~b`)).toBe('ab');
    expect(cleanPaste('plain\ttext')).toBe('plain\ttext');
  });

  it.each([
    ['https://example.org/a b', 'https://example.org/a%20b'],
    ['http://10.0.0.1:8080/', 'http://10.0.0.1:8080/'],
    ['javascript:alert(1)', undefined],
    ['file:///etc/passwd', undefined],
    ['data:text/html,x', undefined],
    ['vscode://x', undefined],
    ['nonsense', undefined],
  ])('may link to %s: %s', (uri, expected) => {
    expect(safeLink(uri)).toBe(expected);
  });

  it('is a title without control characters and tricks of direction, and not long', () => {
    expect(cleanTitle('vim \u0007\u202egnp.exe')).toBe('vim gnp.exe');
    expect(cleanTitle('<img src=x>')).toBe('<img src=x>');
    expect(cleanTitle('x'.repeat(1000))).toHaveLength(120);
  });
});
