import { button, element } from './element.js';
import { icon } from './icon.js';

export interface SearchBarProps {
  /** Whether the text was found. */
  readonly find: (text: string, forward: boolean) => boolean;
  readonly closed: () => void;
}

/** Finds text in the output: Enter goes on, Shift+Enter goes back, Escape closes. */
export class SearchBar {
  readonly root: HTMLElement;
  private readonly field = element('input', {
    type: 'text',
    inputmode: 'search',
    placeholder: 'Search the output',
    'aria-label': 'Search the output',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  private readonly outcome = element('span', { class: 'search-outcome', role: 'status' });

  constructor(private readonly props: SearchBarProps) {
    this.root = element(
      'div',
      { class: 'search-bar', role: 'search', hidden: true },
      this.field,
      this.outcome,
      button({ class: 'plain', 'aria-label': 'Previous match' }, () => this.find(false), icon('up')),
      button({ class: 'plain', 'aria-label': 'Next match' }, () => this.find(true), icon('down')),
      button({ class: 'plain', 'aria-label': 'Close the search' }, () => this.close(), icon('end')),
    );
    this.field.addEventListener('input', () => this.find(true));
    this.root.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.close();
      if (event.key === 'Enter' && event.target === this.field) this.find(!event.shiftKey);
    });
  }

  open(): void {
    this.root.hidden = false;
    this.field.focus();
    this.field.select();
  }

  private close(): void {
    if (this.root.hidden) return;
    this.root.hidden = true;
    this.props.find('', true);
    this.props.closed();
  }

  private find(forward: boolean): void {
    const found = this.props.find(this.field.value, forward);
    this.outcome.textContent = found ? '' : 'Not found';
  }
}
