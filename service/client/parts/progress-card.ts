import { PROGRESS_STEPS, type Progress, type ProgressStep } from '../../protocol/control-message.js';
import { element } from './element.js';
import { icon } from './icon.js';

const LABELS: Readonly<Record<ProgressStep, string>> = {
  created: 'Sandbox created',
  scheduled: 'Place on a node',
  image: 'Image',
  started: 'Sandbox started',
  ready: 'Shell ready',
};

/** The start of a session as it happens, one line for each step, with the reason when a step does not succeed. */
export class ProgressCard {
  readonly root: HTMLElement;
  private readonly heading = element('h2', {}, 'Starting your session');
  private readonly steps = new Map<ProgressStep, { readonly line: HTMLElement; readonly words: HTMLElement }>();
  /** Whether a step failed: the session cannot start. */
  failed = false;

  constructor() {
    const list = element('ol', { class: 'steps' });
    for (const step of PROGRESS_STEPS) {
      const words = element('span', { class: 'step-words' });
      const mark = element('span', { class: 'step-mark', 'aria-hidden': 'true' });
      const line = element(
        'li',
        { 'data-step': step, 'data-state': 'ahead' },
        mark,
        element('span', {}, element('span', { class: 'step-label' }, LABELS[step]), words),
      );
      this.steps.set(step, { line, words });
      list.append(line);
    }
    this.root = element(
      'section',
      { class: 'card progress', role: 'status', 'aria-live': 'polite' },
      this.heading,
      list,
    );
  }

  show({ step, state, message }: Progress): void {
    const shown = this.steps.get(step);
    if (shown === undefined) return;
    shown.line.dataset['state'] = state;
    shown.line.querySelector('.step-mark')?.replaceChildren(mark(state));
    shown.words.textContent = state === 'done' ? '' : message;
    if (state !== 'failed') return;
    this.failed = true;
    this.root.classList.add('failed');
    this.heading.textContent = 'This session cannot start';
  }
}

function mark(state: Progress['state']): Node {
  if (state === 'done') return icon('check');
  if (state === 'failed') return icon('end');
  return element('span', { class: 'spinner' });
}
