import type { PreferenceStore, ThemeChoice } from '../preferences.js';
import { KEY_HELP } from '../terminal/terminal-keys.js';
import { openDialog } from './dialog.js';
import { button, element } from './element.js';

const THEMES: readonly (readonly [ThemeChoice, string])[] = [
  ['system', 'System'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

/** How things look, and what the keys do. Changes show at once. */
export function openViewDialog(preferences: PreferenceStore): void {
  const size = element('output', { class: 'stepper-value', 'aria-label': 'Font size in pixels' });
  const stop = preferences.watch(({ fontSize }) => {
    size.textContent = String(fontSize);
  });
  const dialog = openDialog(
    'View',
    [
      row('Theme', themeChoice(preferences)),
      row(
        'Font size',
        element(
          'span',
          { class: 'stepper' },
          button({ 'aria-label': 'Smaller font' }, () => step(preferences, -1), '−'),
          size,
          button({ 'aria-label': 'Larger font' }, () => step(preferences, 1), '+'),
        ),
      ),
      row('Screen reader', screenReaderSwitch(preferences)),
      element('h3', {}, 'Keys in the terminal'),
      element(
        'dl',
        { class: 'key-help' },
        ...KEY_HELP.flatMap(([keys, does]) => [element('dt', {}, element('kbd', {}, keys)), element('dd', {}, does)]),
      ),
      element(
        'div',
        { class: 'dialog-actions' },
        button({ class: 'primary' }, () => dialog.close(), 'Done'),
      ),
    ],
    stop,
  );
  dialog.showModal();
}

function step(preferences: PreferenceStore, by: number): void {
  preferences.change({ fontSize: preferences.current.fontSize + by });
}

function row(label: string, control: HTMLElement): HTMLElement {
  return element('div', { class: 'setting' }, element('span', { class: 'setting-label' }, label), control);
}

function themeChoice(preferences: PreferenceStore): HTMLElement {
  const choices = THEMES.map(([value, label]) => {
    const input = element('input', {
      type: 'radio',
      name: 'theme',
      value,
      checked: preferences.current.theme === value,
    });
    input.addEventListener('change', () => preferences.change({ theme: value }));
    return element('label', {}, input, element('span', {}, label));
  });
  return element('span', { class: 'segmented', role: 'radiogroup', 'aria-label': 'Theme' }, ...choices);
}

function screenReaderSwitch(preferences: PreferenceStore): HTMLElement {
  const input = element('input', { type: 'checkbox', checked: preferences.current.screenReader });
  input.addEventListener('change', () => preferences.change({ screenReader: input.checked }));
  return element('label', { class: 'switch' }, input, element('span', {}, 'Output as text for screen readers'));
}
