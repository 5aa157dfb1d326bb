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
  private readonly steps = new Map<ProgressStep, Readonly<Record<'line' | 'mark' | 'words', HTMLElement>>>();
  private readonly reached = new Map<ProgressStep, Pick<Progress, 'state' | 'message'>>();
  /** Whether a step failed: the session cannot start, unless what is missing comes back. */
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
      this.steps.set(step, { line, mark, words });
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
    this.reached.set(step, { state, message });
    let failed = false;
    for (const [each, { line, mark, words }] of this.steps) {
      const known = this.reached.get(each);
      // Nothing after a failed step is on its way.
      const shown: Progress['state'] | 'ahead' = known === undefined || failed ? 'ahead' : known.state;
      line.dataset['state'] = shown;
      mark.replaceChildren(...drawing(shown));
      words.textContent = shown === 'waiting' || shown === 'failed' ? (known?.message ?? '') : '';
      failed ||= shown === 'failed';
    }
    this.failed = failed;
    this.root.classList.toggle('failed', failed);
    this.heading.textContent = failed ? 'This session cannot start' : 'Starting your session';
  }
}

function drawing(state: Progress['state'] | 'ahead'): Node[] {
  if (state === 'done') return [icon('check')];
  if (state === 'failed') return [icon('end')];
  return state === 'waiting' ? [element('span', { class: 'spinner' })] : [];
}
