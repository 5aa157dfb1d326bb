import { button, element, type Child } from './element.js';

export interface QuestionProps {
  readonly title: string;
  readonly text: string;
  /** What the button that does it says. */
  readonly yes: string;
  readonly no: string;
  /** The answer cannot be taken back. @default false */
  readonly grave?: boolean | undefined;
}

/** Asks yes or no; Escape and a click outside are no. */
export function ask({ title, text, yes, no, grave = false }: QuestionProps): Promise<boolean> {
  return new Promise((resolve) => {
    let answer = false;
    const dialog = openDialog(title, [element('p', {}, text)], () => resolve(answer));
    const confirm = button({ class: grave ? 'grave' : 'primary' }, () => {
      answer = true;
      dialog.close();
    });
    confirm.append(yes);
    const refuse = button({ autofocus: grave }, () => dialog.close(), no);
    dialog.append(element('div', { class: 'dialog-actions' }, refuse, confirm));
    dialog.showModal();
  });
}

export interface TextQuestionProps {
  readonly title: string;
  readonly label: string;
  readonly value: string;
  readonly longest: number;
  readonly yes: string;
}

/** Asks for one line of text; `undefined` when there was no answer. */
export function askForText({ title, label, value, longest, yes }: TextQuestionProps): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer: string | undefined;
    const field = element('input', { type: 'text', value, maxlength: longest, autocomplete: 'off' });
    const form = element(
      'form',
      {},
      element('label', { class: 'field' }, element('span', {}, label), field),
      element(
        'div',
        { class: 'dialog-actions' },
        button({}, () => dialog.close(), 'Cancel'),
        element('button', { type: 'submit', class: 'primary' }, yes),
      ),
    );
    const dialog = openDialog(title, [form], () => resolve(answer));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      answer = field.value.trim();
      dialog.close();
    });
    dialog.showModal();
    field.select();
  });
}

/** A dialog in the page, removed when it closes; the caller shows it. */
export function openDialog(title: string, content: readonly Child[], closed: () => void): HTMLDialogElement {
  const heading = element('h2', {}, title);
  const dialog = element('dialog', { 'aria-label': title }, heading, ...content);
  dialog.addEventListener('click', (event) => {
    // The backdrop belongs to the dialog itself, everything in it to a child.
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    const inside = event.clientX >= left && event.clientX <= right && event.clientY >= top && event.clientY <= bottom;
    if (event.target === dialog && !inside) dialog.close();
  });
  dialog.addEventListener('close', () => {
    dialog.remove();
    closed();
  });
  document.body.append(dialog);
  return dialog;
}
