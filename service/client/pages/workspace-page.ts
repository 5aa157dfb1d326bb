import type { AccountView, SessionView } from '../../protocol/api.js';
import { ApiError, type ApiClient } from '../api-client.js';
import type { ViewerIdentity } from '../connection/viewer-identity.js';
import { ask, askForText } from '../parts/dialog.js';
import { button, element } from '../parts/element.js';
import { icon } from '../parts/icon.js';
import { NoticeList } from '../parts/notice-list.js';
import { isExposed } from '../parts/secure-page.js';
import { openViewDialog } from '../parts/view-dialog.js';
import type { PreferenceStore } from '../preferences.js';
import { HomePanel } from './home-panel.js';
import { displayName, linkedSession, SessionList, sessionLink } from './session-list.js';
import { SessionPanel } from './session-panel.js';

export interface WorkspacePageProps {
  readonly api: ApiClient;
  readonly account: AccountView;
  readonly identity: ViewerIdentity;
  readonly preferences: PreferenceStore;
  readonly theme: () => 'light' | 'dark';
  /** Back to the login page. */
  readonly loggedOut: (message?: string) => void;
}

const REFRESH = 10_000;
const HTTP_DISMISSED = 'berth.http-dismissed';
/** As the bridge's rule. */
const NAME_LENGTH = 64;

/** The page of somebody who is logged in: the sessions at the side, one of them or the start of a new one beside it. */
export class WorkspacePage {
  readonly root: HTMLElement;
  private readonly notices = new NoticeList();
  private readonly stage = element('div', { class: 'stage' });
  private readonly sidebar: HTMLElement;
  private readonly create: HTMLButtonElement;
  private readonly empty = element('p', { class: 'quiet list-empty' }, 'None yet.');
  private readonly list: SessionList;
  private readonly abort = new AbortController();
  private readonly timer: ReturnType<typeof setInterval>;
  private sessions: readonly SessionView[] = [];
  private panel: SessionPanel | undefined;
  private home: HomePanel | undefined;

  constructor(private readonly props: WorkspacePageProps) {
    this.create = button({ class: 'primary wide' }, () => this.goHome(), icon('plus'), 'New Session');
    this.list = new SessionList({
      rename: (session) => void this.rename(session),
      end: (session) => void this.end(session),
    });
    this.sidebar = this.buildSidebar();
    this.root = element(
      'div',
      { class: 'workspace' },
      element('div', { class: 'scrim' }),
      this.sidebar,
      element('main', { class: 'main' }, this.notices.root, this.stage),
    );
    this.root.querySelector('.scrim')?.addEventListener('click', () => this.showMenu(false));
    const { signal } = this.abort;
    window.addEventListener(
      'hashchange',
      () => {
        this.route();
        this.home?.focus();
      },
      { signal },
    );
    document.addEventListener('visibilitychange', () => void this.refresh(), { signal });
    window.addEventListener('keydown', (event) => event.key === 'Escape' && this.showMenu(false), { signal });
    this.timer = setInterval(() => void this.refresh(), REFRESH);
  }

  /** The session on the page, if there is one. */
  get session(): SessionPanel | undefined {
    return this.panel;
  }

  /** Shows what the address says; call it once the page is in the document. */
  start(): void {
    this.warn();
    this.route();
    void this.refresh();
  }

  /** Takes the page down; sessions go on. */
  leave(): void {
    clearInterval(this.timer);
    this.abort.abort();
    this.panel?.leave();
    this.panel = undefined;
  }

  private buildSidebar(): HTMLElement {
    return element(
      'aside',
      { class: 'sidebar', 'aria-label': 'Sessions' },
      element('header', { class: 'brand' }, element('span', { class: 'mark' }, icon('terminal')), 'Berth'),
      this.create,
      element('nav', { class: 'sessions' }, element('h2', {}, 'Sessions'), this.empty, this.list.root),
      element(
        'footer',
        { class: 'account' },
        element('span', { class: 'account-name', title: 'Logged in as' }, this.props.account.user),
        button(
          { class: 'plain', 'aria-label': 'View: theme, font, keys', title: 'View' },
          () => openViewDialog(this.props.preferences),
          icon('sliders'),
        ),
        button({ class: 'plain', 'aria-label': 'Log out', title: 'Log out' }, () => void this.logout(), icon('leave')),
      ),
    );
  }

  private warn(): void {
    const { banner } = this.props.account;
    if (banner !== undefined && banner !== '') this.notices.show({ key: 'banner', tone: 'quiet', text: banner });
    if (!isExposed(location) || sessionStorage.getItem(HTTP_DISMISSED) !== null) return;
    this.notices.show({
      key: 'http',
      tone: 'warning',
      text: 'This page is not encrypted (HTTP): whoever is on the way can read what you type and see. Put TLS in front of it for anything secret.',
      dismissed: () => sessionStorage.setItem(HTTP_DISMISSED, 'yes'),
    });
  }

  private route(): void {
    this.showMenu(false);
    const id = linkedSession(location.hash);
    this.panel?.leave();
    this.panel = undefined;
    this.home = undefined;
    this.create.hidden = id === undefined;
    document.title = 'Berth';
    if (id === undefined) this.showHome();
    else this.showSession(id);
    this.showList();
  }

  private showHome(): void {
    this.home = new HomePanel({
      api: this.props.api,
      created: (session) => {
        this.sessions = [...this.sessions, session];
        location.hash = sessionLink(session.id);
      },
      loggedOut: () => this.props.loggedOut('You are no longer logged in.'),
    });
    this.home.showSessionCount(this.sessions.length);
    const open = button(
      { class: 'plain menu-button', 'aria-label': 'Sessions' },
      () => this.showMenu(true),
      icon('menu'),
    );
    this.stage.replaceChildren(open, this.home.root);
  }

  private showSession(id: string): void {
    const panel = new SessionPanel({
      ...this.props,
      id,
      notices: this.notices,
      mac: /Mac|iPhone|iPad/.test(navigator.userAgent),
      openMenu: () => this.showMenu(true),
      openView: () => openViewDialog(this.props.preferences),
      focusList: () => this.list.focus(),
      newSession: () => this.goHome(),
      endSession: () => void this.endById(id),
      changed: () => void this.refresh(),
      titleChanged: (title) => this.nameTab(id, title),
    });
    this.panel = panel;
    panel.describe(this.find(id));
    this.stage.replaceChildren(panel.root);
    panel.start();
    this.nameTab(id, '');
  }

  private nameTab(id: string, title: string): void {
    const session = this.find(id);
    const name = session === undefined ? id : displayName(session);
    document.title = `${title === '' ? name : `${title} – ${name}`} – Berth`;
  }

  private goHome(): void {
    if (linkedSession(location.hash) === undefined) this.home?.focus();
    else location.hash = '';
  }

  private find(id: string): SessionView | undefined {
    return this.sessions.find((session) => session.id === id);
  }

  private async refresh(): Promise<void> {
    if (document.hidden || this.isGone()) return;
    try {
      this.sessions = await this.props.api.sessions();
      this.notices.remove('list');
    } catch (error) {
      return this.failed(error);
    }
    if (!this.isGone()) this.showList();
  }

  private isGone(): boolean {
    return this.abort.signal.aborted;
  }

  private showList(): void {
    const attached = linkedSession(location.hash);
    this.empty.hidden = this.sessions.length > 0;
    this.list.show(this.sessions, attached, Date.now());
    this.home?.showSessionCount(this.sessions.length);
    if (attached !== undefined) this.panel?.describe(this.find(attached));
  }

  private async rename(session: SessionView): Promise<void> {
    const name = await askForText({
      title: 'Rename session',
      label: 'Name',
      value: session.name,
      longest: NAME_LENGTH,
      yes: 'Rename',
    });
    if (name === undefined || name === session.name) return;
    await this.change(() => this.props.api.rename(session.id, name));
  }

  private async endById(id: string): Promise<void> {
    await this.end(this.find(id) ?? { id, name: '' });
  }

  private async end(session: Pick<SessionView, 'id' | 'name'>): Promise<void> {
    const sure = await ask({
      title: `End “${displayName(session)}”?`,
      text: 'What runs in it stops, and its files die with the sandbox: everything that is not pushed or copied elsewhere is gone for good.',
      yes: 'End session',
      no: 'Keep it',
      grave: true,
    });
    if (sure) await this.change(() => this.props.api.end(session.id));
  }

  private async change(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.failed(error);
    }
    await this.refresh();
  }

  private failed(error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401) return this.props.loggedOut('You are no longer logged in.');
    // While a session says by itself that it reconnects, a second message would only repeat it.
    if (error.status === 0 && this.panel !== undefined) return;
    this.notices.show({ key: 'list', tone: 'warning', text: error.message });
  }

  private async logout(): Promise<void> {
    try {
      await this.props.api.logout();
    } catch (error) {
      return this.failed(error);
    }
    this.props.loggedOut();
  }

  private showMenu(open: boolean): void {
    this.root.classList.toggle('menu-open', open);
    if (open) this.sidebar.querySelector<HTMLElement>('button, a')?.focus();
  }
}
