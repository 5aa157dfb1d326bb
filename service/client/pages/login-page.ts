import { ApiError, type ApiClient } from '../api-client.js';
import { element } from '../parts/element.js';
import { icon } from '../parts/icon.js';

export interface LoginPageProps {
  readonly api: ApiClient;
  /** Why a person sees this page. @default nothing to say */
  readonly message?: string | undefined;
  /** Nobody can log in yet. @default false */
  readonly noUsers?: boolean | undefined;
  readonly loggedIn: () => void;
}

/** Asks for the token that an operator handed out. */
export class LoginPage {
  readonly root: HTMLElement;
  private readonly field = element('input', {
    type: 'password',
    name: 'token',
    required: true,
    autocomplete: 'current-password',
    autocapitalize: 'off',
    spellcheck: 'false',
    'aria-describedby': 'login-problem',
  });
  private readonly submit = element('button', { type: 'submit', class: 'primary wide' }, 'Log in');
  private readonly problem = element('p', { class: 'problem', id: 'login-problem', role: 'alert' });

  constructor(private readonly props: LoginPageProps) {
    const form = element(
      'form',
      { class: 'login-form' },
      element('label', { class: 'field' }, element('span', {}, 'Token'), this.field),
      this.problem,
      this.submit,
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.login(this.field.value.trim());
    });
    this.problem.textContent = props.message ?? '';
    this.root = element(
      'main',
      { class: 'login' },
      element(
        'section',
        { class: 'login-card' },
        element('div', { class: 'mark' }, icon('terminal')),
        element('h1', {}, 'Berth'),
        ...(props.noUsers === true
          ? noUsers()
          : [element('p', { class: 'lead' }, 'A terminal in a sandbox of your own.'), form]),
      ),
    );
  }

  focus(): void {
    this.field.focus();
  }

  private async login(token: string): Promise<void> {
    this.submit.disabled = true;
    this.problem.textContent = '';
    try {
      await this.props.api.login(token);
      this.props.loggedIn();
    } catch (error) {
      this.problem.textContent = loginProblem(error);
      this.field.select();
    } finally {
      this.submit.disabled = false;
    }
  }
}

/** What went wrong with a login, in words for whoever typed the token. */
export function loginProblem(error: unknown): string {
  if (!(error instanceof ApiError)) throw error;
  if (error.code === 'no-users') return 'Nobody can log in yet: an operator has to add a user first.';
  if (error.status === 401) return 'That token is not valid. Tokens are shown once; an operator can make a new one.';
  if (error.status !== 429) return error.message;
  const wait = error.retryAfter;
  return `Too many attempts. Try again ${wait === undefined ? 'in a minute' : `in ${wait} s`}.`;
}

function noUsers(): HTMLElement[] {
  return [
    element('p', { class: 'lead' }, 'Nobody can log in yet.'),
    element('p', {}, 'An operator adds the first user with'),
    element('pre', { class: 'command' }, 'npm run users -- add NAME'),
    element(
      'p',
      { class: 'quiet' },
      'It prints a token once, and the command that gives it to the cluster. Then reload this page.',
    ),
  ];
}
