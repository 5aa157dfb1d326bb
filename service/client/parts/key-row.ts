import { button, element } from './element.js';

export interface KeyRowProps {
  readonly press: (key: 'Escape' | 'Tab' | 'Up' | 'Down' | 'Left' | 'Right') => void;
  readonly holdControl: (hold: boolean) => void;
}

const KEYS = [
  ['Escape', 'Esc'],
  ['Tab', 'Tab'],
  ['Left', '←'],
  ['Up', '↑'],
  ['Down', '↓'],
  ['Right', '→'],
] as const;

/** Keys that a phone's keyboard lacks. Pressing one leaves the focus, and so the keyboard, where it is. */
export class KeyRow {
  readonly root: HTMLElement;
  private readonly control: HTMLButtonElement;

  constructor(props: KeyRowProps) {
    this.control = key('Ctrl', 'Control, for the next key', () => {
      const hold = this.control.getAttribute('aria-pressed') !== 'true';
      this.control.setAttribute('aria-pressed', String(hold));
      props.holdControl(hold);
    });
    this.control.setAttribute('aria-pressed', 'false');
    const keys = KEYS.map(([name, label]) => key(label, name, () => props.press(name)));
    keys.splice(2, 0, this.control);
    this.root = element('div', { class: 'key-row', role: 'toolbar', 'aria-label': 'Keys' }, ...keys);
  }

  releaseControl(): void {
    this.control.setAttribute('aria-pressed', 'false');
  }
}

function key(label: string, name: string, action: () => void): HTMLButtonElement {
  const made = button({ 'aria-label': name }, action, label);
  made.addEventListener('pointerdown', (event) => event.preventDefault());
  return made;
}
