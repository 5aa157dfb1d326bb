import type { ProfileView, SessionView } from '../../protocol/api.js';
import { ApiError, type ApiClient } from '../api-client.js';
import { button, element } from '../parts/element.js';
import { randomId } from '../random-id.js';

export interface HomePanelProps {
  readonly api: ApiClient;
  readonly created: (session: SessionView) => void;
  readonly loggedOut: () => void;
}

/** Where a session begins: choose a profile, press New Session. */
export class HomePanel {
  readonly root: HTMLElement;
  private readonly heading = element('h1', {}, 'New session');
  private readonly lead = element('p', { class: 'lead' });
  private readonly choices = element('div', { class: 'profiles', role: 'radiogroup', 'aria-label': 'Profile' });
  private readonly name = element('input', {
    type: 'text',
    maxlength: 64,
    autocomplete: 'off',
    placeholder: 'Optional, e.g. fix the build',
  });
  private readonly submit = element('button', { type: 'submit', class: 'primary' }, 'New Session');
  private readonly problem = element('p', { class: 'problem', role: 'alert' });
  /** A retry of the same press must not make a second session. */
  private key = randomId();

  constructor(private readonly props: HomePanelProps) {
    const form = element(
      'form',
      { class: 'home-form' },
      this.choices,
      element('label', { class: 'field' }, element('span', {}, 'Name'), this.name),
      this.problem,
      element('div', { class: 'card-actions' }, this.submit),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.create(new FormData(form).get('profile'));
    });
    this.root = element(
      'section',
      { class: 'home' },
      element('div', { class: 'home-inner' }, this.heading, this.lead, form),
    );
    void this.loadProfiles();
  }

  /** Says hello to whoever has no session. */
  showSessionCount(count: number): void {
    this.heading.textContent = count === 0 ? 'Start your first session' : 'New session';
    this.lead.textContent =
      'A session is a sandbox of your own with a shell in it. It goes on when you close this page, ' +
      'until you end it or its time is up; its files go with it.';
  }

  focus(): void {
    this.submit.focus();
  }

  private async loadProfiles(): Promise<void> {
    try {
      const profiles = await this.props.api.profiles();
      this.choices.replaceChildren(...profiles.map((profile) => choice(profile, profiles)));
      if (profiles.length === 0)
        this.problem.textContent = 'The cluster offers no profile: its charts are not applied.';
    } catch (error) {
      this.explain(
        error,
        button({ class: 'small' }, () => void this.retry(), 'Try again'),
      );
    }
  }

  private explain(error: unknown, ...remedy: readonly Node[]): void {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401) return this.props.loggedOut();
    this.problem.replaceChildren(error.message, ' ', ...remedy);
  }

  private async retry(): Promise<void> {
    this.problem.textContent = '';
    await this.loadProfiles();
  }

  private async create(profile: FormDataEntryValue | null): Promise<void> {
    this.submit.disabled = true;
    this.problem.textContent = '';
    const name = this.name.value.trim();
    try {
      const session = await this.props.api.create(
        { ...(typeof profile === 'string' && { profile }), ...(name !== '' && { name }) },
        this.key,
      );
      this.key = randomId();
      this.props.created(session);
    } catch (error) {
      this.explain(error);
      // After an answer the next press is a new wish; after silence it is the same one again.
      if (error instanceof ApiError && error.status !== 0) this.key = randomId();
    } finally {
      this.submit.disabled = false;
    }
  }
}

function choice(profile: ProfileView, all: readonly ProfileView[]): HTMLElement {
  const first = all.find((candidate) => candidate.default) ?? all[0];
  return element(
    'label',
    { class: 'profile' },
    element('input', { type: 'radio', name: 'profile', value: profile.name, checked: profile === first }),
    element(
      'span',
      { class: 'profile-words' },
      element('span', { class: 'profile-title' }, profile.title),
      element('span', { class: 'profile-description' }, profile.description),
    ),
  );
}
