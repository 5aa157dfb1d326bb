import './styles.css';
import { ApiClient, ApiError } from './api-client.js';
import { ViewerIdentity } from './connection/viewer-identity.js';
import { installDebugHandle } from './debug-handle.js';
import { LoginPage, loginProblem } from './pages/login-page.js';
import { WorkspacePage } from './pages/workspace-page.js';
import { element } from './parts/element.js';
import { PreferenceStore } from './preferences.js';

const TOKEN = /^#\/?token=(.+)$/;
const api = new ApiClient();
const preferences = new PreferenceStore(localStorage);
const identity = new ViewerIdentity(sessionStorage);
const prefersDark = matchMedia('(prefers-color-scheme: dark)');
let workspace: WorkspacePage | undefined;

function theme(): 'light' | 'dark' {
  const choice = preferences.current.theme;
  if (choice !== 'system') return choice;
  return prefersDark.matches ? 'dark' : 'light';
}

function applyTheme(): void {
  document.documentElement.dataset['theme'] = theme();
  workspace?.session?.look();
}

function show(page: HTMLElement): void {
  workspace?.leave();
  workspace = undefined;
  document.querySelector('#page')?.replaceChildren(page);
}

function showLogin(message?: string, noUsers = false): void {
  const page = new LoginPage({ api, message, noUsers, loggedIn: () => void enter() });
  document.title = 'Berth';
  show(page.root);
  page.focus();
}

/** The workspace for whoever is logged in, the login page for everybody else. */
async function enter(): Promise<void> {
  try {
    const account = await api.account();
    const page = new WorkspacePage({ api, account, identity, preferences, theme, loggedOut: showLogin });
    show(page.root);
    workspace = page;
    page.start();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401) return showLogin(undefined, error.code === 'no-users');
    show(unreachable(error.message));
  }
}

function unreachable(message: string): HTMLElement {
  const again = element('button', { type: 'button', class: 'primary wide' }, 'Try again');
  again.addEventListener('click', () => void enter());
  return element(
    'main',
    { class: 'login' },
    element(
      'section',
      { class: 'login-card' },
      element('h1', {}, 'Berth'),
      element('p', { role: 'alert' }, message),
      again,
    ),
  );
}

/** A token in the fragment logs in and leaves the address at once, so that it is in no history, log or Referer. */
async function start(): Promise<void> {
  const token = TOKEN.exec(location.hash)?.[1];
  if (token === undefined) return enter();
  history.replaceState(null, '', location.pathname + location.search);
  try {
    await api.login(decodeURIComponent(token));
  } catch (error) {
    return showLogin(error instanceof URIError ? 'That link is broken.' : loginProblem(error));
  }
  return enter();
}

preferences.watch(applyTheme);
prefersDark.addEventListener('change', applyTheme);
installDebugHandle(() => workspace?.session);
// A link with a token may be opened in a tab that shows this page already.
window.addEventListener('hashchange', () => TOKEN.test(location.hash) && void start());
void start();
