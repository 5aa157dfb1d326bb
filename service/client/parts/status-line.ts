import type { Clock } from '../connection/clock.js';
import type { ConnectionState } from '../connection/connection-state.js';
import { button, element } from './element.js';

export interface StatusLineProps {
  readonly clock: Clock;
  readonly tryNow: () => void;
}

/** One quiet line: connected or not, who types, and how far away the sandbox is. */
export class StatusLine {
  readonly root: HTMLElement;
  private readonly dot = element('span', { class: 'dot', 'aria-hidden': 'true' });
  private readonly words = element('span', { class: 'status-words', role: 'status' });
  private readonly countdown = element('span', { class: 'countdown', 'aria-hidden': 'true' });
  private readonly retry: HTMLButtonElement;
  private readonly role = element('span', { class: 'status-role' });
  private readonly lag = element('span', { class: 'status-lag' });
  private readonly link = element('span', { class: 'status-link' });
  private cancelCountdown: () => void = () => undefined;

  constructor(private readonly props: StatusLineProps) {
    this.retry = button({ class: 'small', hidden: true }, props.tryNow, 'Try now');
    this.root = element(
      'footer',
      { class: 'status-line', 'aria-label': 'Connection' },
      this.dot,
      this.words,
      this.countdown,
      this.retry,
      this.link,
      this.role,
      this.lag,
    );
  }

  show(state: ConnectionState): void {
    this.cancelCountdown();
    this.countdown.textContent = '';
    this.root.dataset['state'] = state.kind;
    this.words.textContent = describe(state);
    this.retry.hidden = state.kind !== 'waiting';
    this.role.textContent = state.kind === 'attached' ? roleWords(state.role === 'writer', state.viewers) : '';
    if (state.kind !== 'attached') this.lag.textContent = '';
    if (state.kind === 'waiting') this.count(state.until);
  }

  /** Other words for the present state. */
  say(words: string): void {
    this.words.textContent = words;
  }

  showLag(milliseconds: number): void {
    this.lag.textContent = `${Math.max(0, Math.round(milliseconds))} ms`;
    this.lag.title = 'From this page to the shell and back';
  }

  /** Where a link under the pointer really leads. */
  showLink(uri: string | undefined): void {
    this.link.textContent = uri ?? '';
  }

  private count(until: number): void {
    const left = Math.ceil((until - this.props.clock.now()) / 1000);
    this.countdown.textContent = left > 0 ? `in ${left} s` : '';
    if (left > 0) this.cancelCountdown = this.props.clock.after(250, () => this.count(until));
  }
}

function describe(state: ConnectionState): string {
  switch (state.kind) {
    case 'attaching':
      return state.again ? 'Reconnecting…' : 'Attaching…';
    case 'attached':
      return 'Connected';
    case 'checking':
      return 'Reconnecting…';
    case 'waiting':
      return 'Reconnecting';
    case 'stopped':
      return state.message;
  }
}

function roleWords(writes: boolean, viewers: number): string {
  const others = viewers - 1;
  const company = others > 0 ? ` · ${others} other ${others === 1 ? 'viewer' : 'viewers'}` : '';
  return `${writes ? 'You type' : 'Watching'}${company}`;
}
