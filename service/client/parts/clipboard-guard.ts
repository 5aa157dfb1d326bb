import { copyText } from './clipboard.js';
import type { NoticeList } from './notice-list.js';

/** Lets programs put text on the clipboard (OSC 52) – after a person said yes, once for each session on this page. */
export class ClipboardGuard {
  private answer: 'unknown' | 'allowed' | 'refused' = 'unknown';

  constructor(private readonly notices: NoticeList) {}

  request(text: string): void {
    if (this.answer === 'refused') return;
    if (this.answer === 'allowed') {
      void copyText(text).then((copied) => {
        if (!copied) this.offer(text);
      });
      return;
    }
    this.notices.show({
      key: 'clipboard',
      tone: 'warning',
      text: `A program wants to put ${count(text)} on your clipboard: ${excerpt(text)}`,
      actions: [
        { label: 'Allow', act: () => this.allow(text) },
        {
          label: 'Never in this session',
          act: () => {
            this.answer = 'refused';
          },
        },
      ],
    });
  }

  private allow(text: string): void {
    this.answer = 'allowed';
    void copyText(text);
  }

  /** The browser wants a click for each copy on this page. */
  private offer(text: string): void {
    this.notices.show({
      key: 'clipboard',
      tone: 'quiet',
      text: `A program has ${count(text)} for your clipboard.`,
      actions: [{ label: 'Copy', act: () => void copyText(text) }],
    });
  }
}

function count(text: string): string {
  const { length } = Array.from(text);
  return `${length.toLocaleString('en')} ${length === 1 ? 'character' : 'characters'}`;
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return `“${line.length > 40 ? `${line.slice(0, 39)}…` : line}”`;
}
