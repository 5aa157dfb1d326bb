import { button, element, type Child } from './element.js';
import { icon } from './icon.js';

export interface NoticeProps {
  /** A second notice with the same key replaces the first. */
  readonly key: string;
  readonly tone: 'quiet' | 'warning';
  readonly text: string;
  /** @default none */
  readonly actions?: readonly NoticeAction[] | undefined;
  /** Called when a person closes it. @default nothing */
  readonly dismissed?: (() => void) | undefined;
}

export interface NoticeAction {
  readonly label: string;
  /** The notice goes away after it. */
  readonly act: () => void;
}

/** Sentences a person should read, above the terminal, each until it is dismissed. */
export class NoticeList {
  readonly root = element('div', { class: 'notices', role: 'status', 'aria-live': 'polite' });
  private readonly shown = new Map<string, HTMLElement>();

  show({ key, tone, text, actions = [], dismissed }: NoticeProps): void {
    const close = button(
      { class: 'plain', 'aria-label': 'Dismiss' },
      () => {
        this.remove(key);
        dismissed?.();
      },
      icon('end'),
    );
    const choices: Child[] = actions.map(({ label, act }) =>
      button(
        { class: 'small' },
        () => {
          this.remove(key);
          act();
        },
        label,
      ),
    );
    const notice = element(
      'div',
      { class: `notice ${tone}`, 'data-notice': key },
      tone === 'warning' && icon('warning'),
      element('span', { class: 'notice-text' }, text),
      ...choices,
      close,
    );
    const before = this.shown.get(key);
    if (before === undefined) this.root.append(notice);
    else before.replaceWith(notice);
    this.shown.set(key, notice);
  }

  remove(key: string): void {
    this.shown.get(key)?.remove();
    this.shown.delete(key);
  }
}
