import type { SessionView } from '../../protocol/api.js';
import type { Gap, Notice, Progress } from '../../protocol/control-message.js';
import type { ApiClient } from '../api-client.js';
import { systemClock } from '../connection/clock.js';
import type { ConnectionState, Stopped } from '../connection/connection-state.js';
import { SessionConnection } from '../connection/session-connection.js';
import type { ViewerIdentity } from '../connection/viewer-identity.js';
import { webSocketOpener } from '../connection/web-socket.js';
import { ClipboardGuard } from '../parts/clipboard-guard.js';
import { copyText } from '../parts/clipboard.js';
import { button, element } from '../parts/element.js';
import { endCard } from '../parts/end-card.js';
import { icon } from '../parts/icon.js';
import { KeyRow } from '../parts/key-row.js';
import type { NoticeList } from '../parts/notice-list.js';
import { ProgressCard } from '../parts/progress-card.js';
import { SearchBar } from '../parts/search-bar.js';
import { StatusLine } from '../parts/status-line.js';
import { timeWords } from '../parts/time-words.js';
import type { PreferenceStore } from '../preferences.js';
import { TerminalView } from '../terminal/terminal-view.js';
import type { TerminalSnapshot } from '../terminal/terminal-snapshot.js';
import { displayName } from './session-list.js';

export interface SessionPanelProps {
  readonly id: string;
  readonly api: ApiClient;
  readonly identity: ViewerIdentity;
  readonly preferences: PreferenceStore;
  readonly notices: NoticeList;
  readonly mac: boolean;
  /** Resolved light or dark. */
  readonly theme: () => 'light' | 'dark';
  readonly openMenu: () => void;
  readonly openView: () => void;
  /** Puts the focus on this session in the list; `false` when the list is out of sight. */
  readonly focusList: () => boolean;
  readonly newSession: () => void;
  readonly endSession: () => void;
  /** The page must log in again. */
  readonly loggedOut: (message: string) => void;
  /** The session's phase may have changed. */
  readonly changed: () => void;
  readonly titleChanged: (title: string) => void;
}

/** Milliseconds: a place that changes its size settles before the shell hears of it. */
const SETTLE = 80;

/** One session on the page: its terminal, what is to be said about it, and the connection behind it. */
export class SessionPanel {
  readonly root: HTMLElement;
  private readonly name = element('h1', { class: 'panel-name' });
  private readonly title = element('span', { class: 'panel-title' });
  private readonly place = element('div', { class: 'terminal-place' });
  private readonly overlay = element('div', { class: 'overlay' });
  private readonly takeover: HTMLButtonElement;
  private readonly copy: HTMLButtonElement;
  private readonly view: HTMLButtonElement;
  private readonly progress = new ProgressCard();
  private readonly terminal: TerminalView;
  private readonly connection: SessionConnection;
  private readonly status: StatusLine;
  private readonly search: SearchBar;
  private readonly keys: KeyRow;
  private readonly clipboard: ClipboardGuard;
  private readonly abort = new AbortController();
  private readonly observer: ResizeObserver;
  private readonly stopWatching: () => void;
  private cancelResize: () => void = () => undefined;
  private wasAttached = false;

  constructor(private readonly props: SessionPanelProps) {
    const { api, id, identity, notices } = props;
    this.takeover = button({ class: 'primary small', hidden: true }, () => this.take(), icon('keyboard'), 'Type here');
    this.copy = button({ class: 'small', hidden: true }, () => void this.copySelection(), icon('copy'), 'Copy');
    this.view = button(
      { class: 'plain', 'aria-label': 'View: theme, font, keys', title: 'View' },
      props.openView,
      icon('sliders'),
    );
    this.status = new StatusLine({ clock: systemClock, tryNow: () => this.connection.check() });
    this.search = new SearchBar({
      find: (text, forward) => this.terminal.find(text, forward),
      closed: () => this.terminal.focus(),
    });
    this.keys = new KeyRow({
      press: (key) => this.terminal.press(key),
      holdControl: (hold) => this.terminal.holdControl(hold),
    });
    this.clipboard = new ClipboardGuard(notices);
    this.root = element(
      'section',
      { class: 'panel', 'aria-label': 'Session' },
      element(
        'header',
        { class: 'panel-header' },
        button({ class: 'plain menu-button', 'aria-label': 'Sessions' }, props.openMenu, icon('menu')),
        element('div', { class: 'panel-names' }, this.name, this.title),
        this.copy,
        this.takeover,
        button(
          { class: 'plain', 'aria-label': 'Search the output', title: 'Search' },
          () => this.search.open(),
          icon('search'),
        ),
        this.view,
      ),
      element('div', { class: 'terminal-frame' }, this.place, this.search.root, this.overlay),
      this.keys.root,
      this.status.root,
    );
    this.terminal = new TerminalView({ place: this.place, mac: props.mac, listener: this.terminalListener() });
    this.connection = new SessionConnection({
      viewer: identity.current,
      renewViewer: () => identity.renew(),
      open: webSocketOpener(() => socketUrl(id)),
      probe: () => api.probe(id),
      screen: this.terminal,
      clock: systemClock,
      listener: {
        stateChanged: (state) => this.showState(state),
        lagMeasured: (lag) => this.status.showLag(lag),
        progressed: (progress) => this.showProgress(progress),
        noticed: (notice) => this.showNotice(notice),
        dropped: (gap) => this.showGap(gap),
        inputRefused: (why) => this.showRefusal(why),
      },
    });
    this.observer = new ResizeObserver(() => {
      this.cancelResize();
      this.cancelResize = systemClock.after(SETTLE, () => this.fit());
    });
    this.stopWatching = props.preferences.watch(() => this.look());
  }

  /** Attaches; call it once the panel is in the page, for only then has it a size. */
  start(): void {
    const { signal } = this.abort;
    document.addEventListener('visibilitychange', () => this.connection.setHidden(document.hidden), { signal });
    window.addEventListener('online', () => this.connection.check(), { signal });
    this.terminal.open();
    this.look();
    this.observer.observe(this.place);
    if (document.hidden) this.connection.setHidden(true);
    this.connection.start();
    this.terminal.focus();
  }

  /** Leaves the session; it goes on. */
  leave(): void {
    this.abort.abort();
    this.observer.disconnect();
    this.cancelResize();
    this.stopWatching();
    this.connection.leave();
    this.terminal.dispose();
    for (const key of ['clipboard', 'idle', 'session', 'gap', 'typing']) this.props.notices.remove(key);
  }

  get snapshot(): TerminalSnapshot {
    return this.terminal.snapshot;
  }

  get selection(): string {
    return this.terminal.selection;
  }

  get state(): ConnectionState {
    return this.connection.state;
  }

  describe(session: SessionView | undefined): void {
    this.name.textContent = session === undefined ? this.props.id : displayName(session);
  }

  /** Applies theme, font size and screen-reader mode. */
  look(): void {
    const { fontSize, screenReader } = this.props.preferences.current;
    this.terminal.setLook({ theme: this.props.theme(), fontSize, screenReader });
    this.connection.sizeChanged();
  }

  private terminalListener(): ConstructorParameters<typeof TerminalView>[0]['listener'] {
    return {
      input: (bytes, typed) => {
        if (typed || this.isWriter()) this.connection.type(bytes);
      },
      selectionChanged: (selected) => {
        this.copy.hidden = !selected;
      },
      titleChanged: (title) => {
        this.title.textContent = title;
        this.props.titleChanged(title);
      },
      rang: () => this.ring(),
      clipboardRequested: (text) => this.clipboard.request(text),
      copyPressed: () => void this.copySelection(),
      searchPressed: () => this.search.open(),
      leavePressed: () => {
        if (!this.props.focusList()) this.view.focus();
      },
      linkHovered: (uri) => this.status.showLink(uri),
      controlReleased: () => this.keys.releaseControl(),
    };
  }

  private isWriter(): boolean {
    const { state } = this.connection;
    return state.kind !== 'attached' || state.role === 'writer';
  }

  private take(): void {
    this.connection.take();
    this.terminal.focus();
  }

  private fit(): void {
    this.terminal.layOut();
    this.connection.sizeChanged();
  }

  private async copySelection(): Promise<void> {
    const text = this.terminal.selection;
    if (text === '') return;
    const copied = await copyText(text);
    if (copied) this.terminal.clearSelection();
    else this.props.notices.show({ key: 'clipboard', tone: 'warning', text: 'The browser did not allow copying.' });
    this.terminal.focus();
  }

  private showState(state: ConnectionState): void {
    this.status.show(state);
    this.root.dataset['state'] = state.kind;
    this.takeover.hidden = !(state.kind === 'attached' && state.role === 'watcher');
    if (state.kind === 'attached') {
      this.root.dataset['role'] = state.role;
      if (state.role === 'writer') this.props.notices.remove('typing');
      this.terminal.setRole(state.role);
      this.overlay.replaceChildren();
      if (!this.wasAttached) this.props.changed();
      this.wasAttached = true;
      this.root.classList.add('attached-once');
    }
    if (state.kind === 'stopped') this.showStop(state);
  }

  private showStop(stopped: Stopped): void {
    this.props.changed();
    for (const key of ['idle', 'session', 'typing']) this.props.notices.remove(key);
    if (stopped.reason === 'left') return;
    if (stopped.reason === 'login') return this.props.loggedOut(stopped.message);
    const actions = [
      stopped.reason === 'version' || stopped.reason === 'malformed'
        ? button({ class: 'primary' }, () => location.reload(), 'Reload the page')
        : button({ class: 'primary' }, this.props.newSession, 'New Session'),
    ];
    const card = endCard(stopped, actions);
    this.overlay.replaceChildren(...(this.progress.failed ? [this.progress.root] : []), card);
  }

  private showProgress(progress: Progress): void {
    this.progress.show(progress);
    if (this.connection.state.kind === 'attached') return;
    this.status.say(this.progress.failed ? 'It cannot start' : 'Starting…');
    if (!this.progress.root.isConnected) this.overlay.replaceChildren(this.progress.root);
    this.progress.root.querySelector('.card-actions')?.remove();
    if (!this.progress.failed) return;
    this.progress.root.append(
      element('div', { class: 'card-actions' }, button({}, this.props.endSession, 'End this session')),
    );
  }

  private showNotice({ notice, message, at }: Notice): void {
    const { notices } = this.props;
    const text = at === undefined ? message : `${message} ${timeWords(at, Date.now())}`;
    if (notice === 'extended') return notices.show({ key: 'idle', tone: 'quiet', text });
    if (notice === 'idle-soon') {
      return notices.show({
        key: 'idle',
        tone: 'warning',
        text,
        actions: [{ label: 'Extend', act: () => this.connection.extend() }],
      });
    }
    const warns = notice === 'deadline-soon' || notice === 'out-of-memory' || notice === 'node-lost';
    notices.show({ key: 'session', tone: warns ? 'warning' : 'quiet', text });
  }

  private showGap({ from, to }: Gap): void {
    const bytes = (to - from).toLocaleString('en');
    const text = `${bytes} bytes of output were dropped while nobody was attached. The program went on.`;
    this.props.notices.show({ key: 'gap', tone: 'warning', text });
  }

  private showRefusal(why: 'watching' | 'full' | 'stopped'): void {
    if (why === 'stopped') return;
    const { notices } = this.props;
    if (why === 'full') {
      return notices.show({
        key: 'typing',
        tone: 'warning',
        text: 'That is more than can be queued. Nothing of it was typed.',
      });
    }
    notices.show({
      key: 'typing',
      tone: 'quiet',
      text: 'You are watching: somebody else types in this session.',
      actions: [{ label: 'Type here', act: () => this.take() }],
    });
  }

  private ring(): void {
    this.root.classList.remove('rang');
    // Reading the width makes the browser see the class go, so that the animation runs again.
    this.root.getBoundingClientRect();
    this.root.classList.add('rang');
  }
}

function socketUrl(session: string): string {
  const url = new URL(`terminal?session=${encodeURIComponent(session)}`, document.baseURI);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.hash = '';
  return url.href;
}
