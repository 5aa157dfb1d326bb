import type { SessionPhase, SessionView } from '../../protocol/api.js';
import { button, element } from '../parts/element.js';
import { icon } from '../parts/icon.js';

export interface SessionListProps {
  readonly rename: (session: SessionView) => void;
  readonly end: (session: SessionView) => void;
}

const PHASES: Readonly<Record<SessionPhase, string>> = {
  starting: 'Starting',
  running: 'Running',
  lost: 'Node does not answer',
  ending: 'Ending',
  ended: 'Ended',
};

/** A person's sessions, newest first, with what can be done to each. */
export class SessionList {
  readonly root = element('ul', { class: 'session-list' });
  private shown = '';

  constructor(private readonly props: SessionListProps) {}

  show(sessions: readonly SessionView[], attached: string | undefined, now: number): void {
    // The same list again leaves the elements, and so the focus, alone.
    const key = JSON.stringify([sessions, attached, Math.floor(now / 60_000)]);
    if (key === this.shown) return;
    this.shown = key;
    const focused = this.focusedAction();
    const newestFirst = [...sessions].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
    this.root.replaceChildren(...newestFirst.map((session) => this.row(session, session.id === attached, now)));
    if (focused !== undefined) this.root.querySelector<HTMLElement>(focused)?.focus();
  }

  /** Puts the focus on the session that is on the page. @returns whether it could: the list may be out of sight */
  focus(): boolean {
    const current = this.root.querySelector<HTMLElement>('[aria-current]');
    current?.focus();
    return current !== null && document.activeElement === current;
  }

  private row(session: SessionView, attached: boolean, now: number): HTMLElement {
    const name = displayName(session);
    const ended = session.phase === 'ended' || session.phase === 'ending';
    const state = session.phase === 'running' ? age(session.createdAt, now) : PHASES[session.phase];
    return element(
      'li',
      { class: 'session', 'data-phase': session.phase, 'data-session': session.id },
      element(
        'a',
        {
          class: 'session-link',
          href: sessionLink(session.id),
          'data-action': 'attach',
          'aria-current': attached && 'page',
          title: session.message ?? PHASES[session.phase],
        },
        element('span', { class: 'session-name' }, name),
        element(
          'span',
          { class: 'session-facts' },
          element('span', { class: 'dot', 'aria-hidden': 'true' }),
          `${session.profile} · ${state}`,
        ),
      ),
      element(
        'span',
        { class: 'session-actions' },
        !attached &&
          element(
            'a',
            { class: 'button small', href: sessionLink(session.id), 'aria-label': `Attach to ${name}` },
            'Attach',
          ),
        !ended &&
          button(
            { class: 'plain', 'aria-label': `Rename ${name}`, title: 'Rename', 'data-action': 'rename' },
            () => this.props.rename(session),
            icon('pencil'),
          ),
        !ended &&
          button(
            { class: 'plain', 'aria-label': `End ${name}`, title: 'End', 'data-action': 'end' },
            () => this.props.end(session),
            icon('end'),
          ),
      ),
    );
  }

  private focusedAction(): string | undefined {
    const { activeElement } = document;
    if (!(activeElement instanceof HTMLElement) || !this.root.contains(activeElement)) return undefined;
    const session = activeElement.closest<HTMLElement>('[data-session]')?.dataset['session'];
    const action = activeElement.dataset['action'];
    return session && action && `[data-session="${session}"] [data-action="${action}"]`;
  }
}

/** The name people gave it, or its id. */
export function displayName({ name, id }: Pick<SessionView, 'name' | 'id'>): string {
  return name === '' ? id : name;
}

/** The address of a session within the page. */
export function sessionLink(id: string): string {
  return `#/session/${id}`;
}

/** The session that an address names. */
export function linkedSession(hash: string): string | undefined {
  return /^#\/session\/([a-z2-7]{12})$/.exec(hash)?.[1];
}

function age(createdAt: string, now: number): string {
  const minutes = Math.max(0, Math.floor((now - Date.parse(createdAt)) / 60_000));
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h`;
  return `${Math.floor(minutes / (24 * 60))} d`;
}
