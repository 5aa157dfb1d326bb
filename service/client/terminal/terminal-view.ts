import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { WebglAddon } from '@xterm/addon-webgl';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import type { Role } from '../../protocol/control-message.js';
import { LIMITS } from '../../protocol/limits.js';
import type { Screen } from '../connection/screen.js';
import { readClipboardRequest } from './clipboard-request.js';
import { OrderedWriter } from './ordered-writer.js';
import { cleanPaste } from './pasted-text.js';
import { openLink, safeLink } from './safe-link.js';
import { keyCommand, NEWLINE } from './terminal-keys.js';
import { isReply, isUntyped } from './terminal-reply.js';
import { takeSnapshot, type TerminalSnapshot } from './terminal-snapshot.js';
import { TERMINAL_THEMES } from './terminal-theme.js';
import { cleanTitle } from './terminal-title.js';

export interface TerminalViewProps {
  /** Fills this element; its padding is kept free. */
  readonly place: HTMLElement;
  readonly mac: boolean;
  readonly listener: TerminalListener;
}

export interface TerminalListener {
  /** `typed`: a person did it, as opposed to an answer of the terminal or the mouse moving. */
  input(bytes: Uint8Array, typed: boolean): void;
  selectionChanged(selected: boolean): void;
  titleChanged(title: string): void;
  rang(): void;
  /** A program wants this on the clipboard. */
  clipboardRequested(text: string): void;
  copyPressed(): void;
  searchPressed(): void;
  /** Leave the terminal with the keyboard: Tab belongs to the shell. */
  leavePressed(): void;
  /** The pointer is over a link of the output: where it really leads. */
  linkHovered(uri: string | undefined): void;
  /** The sticky Ctrl of the key row was used up. */
  controlReleased(): void;
}

export interface Look {
  readonly theme: 'light' | 'dark';
  /** CSS pixels; a watcher's is made smaller if the writer's terminal would not fit. */
  readonly fontSize: number;
  readonly screenReader: boolean;
}

const SCROLLBACK = 10_000;
const SMALLEST_FONT = 4;
const FONTS =
  "ui-monospace, 'SF Mono', SFMono-Regular, Menlo, 'Cascadia Mono', Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace";
const encoder = new TextEncoder();

/** xterm in its place on the page. The only importer of `@xterm/*`, with its neighbours in this folder. */
export class TerminalView implements Screen {
  private readonly terminal: Terminal;
  private readonly fit = new FitAddon();
  private readonly search = new SearchAddon();
  private readonly writer: OrderedWriter;
  private role: Role = 'writer';
  private fontSize = 14;
  /** Writes not parsed yet whose queries were answered long ago. */
  private repeated = 0;
  private control = false;
  private readonly gone = new AbortController();

  constructor(private readonly props: TerminalViewProps) {
    this.terminal = new Terminal({
      allowProposedApi: true,
      cursorBlink: true,
      cursorInactiveStyle: 'outline',
      fontFamily: FONTS,
      lineHeight: 1.15,
      scrollback: SCROLLBACK,
      macOptionClickForcesSelection: true,
      linkHandler: {
        activate: (_event, uri) => openLink(uri),
        hover: (_event, uri) => props.listener.linkHovered(safeLink(uri)),
        leave: () => props.listener.linkHovered(undefined),
      },
    });
    this.writer = new OrderedWriter(this.terminal);
    this.terminal.loadAddon(this.fit);
    this.terminal.loadAddon(this.search);
    this.terminal.loadAddon(new Unicode11Addon());
    this.terminal.loadAddon(
      new WebLinksAddon((_event, uri) => openLink(uri), {
        hover: (_event, uri) => props.listener.linkHovered(safeLink(uri)),
        leave: () => props.listener.linkHovered(undefined),
      }),
    );
    this.terminal.unicode.activeVersion = '11';
    this.listen();
  }

  /** Draws it; call it once its place is in the page, for only then has it a size. */
  open(): void {
    this.terminal.open(this.props.place);
    this.terminal.textarea?.setAttribute('aria-label', 'Terminal. Ctrl + Shift + E leaves it.');
    this.drawWithWebgl();
  }

  get wanted(): { readonly columns: number; readonly rows: number } {
    const proposed = this.fit.proposeDimensions();
    const within = (value: number | undefined, most: number, usual: number): number =>
      value === undefined || !Number.isFinite(value) ? usual : Math.max(1, Math.min(most, Math.floor(value)));
    return { columns: within(proposed?.cols, LIMITS.columns, 80), rows: within(proposed?.rows, LIMITS.rows, 24) };
  }

  get selection(): string {
    return this.terminal.getSelection();
  }

  get snapshot(): TerminalSnapshot {
    return takeSnapshot(this.terminal);
  }

  reset(columns: number, rows: number): void {
    this.writer.then(() => {
      this.terminal.reset();
      this.setSize(columns, rows);
    });
  }

  resize(columns: number, rows: number): void {
    this.writer.then(() => this.setSize(columns, rows));
  }

  write(bytes: Uint8Array, repeated: boolean, done: () => void): void {
    if (repeated) this.repeated++;
    this.writer.write(bytes, () => {
      if (repeated) this.repeated--;
      done();
    });
  }

  /** The writer's font is the chosen one and its size goes to the shell; a watcher's font shrinks to the writer's size. */
  setRole(role: Role): void {
    this.role = role;
    this.terminal.options.cursorBlink = role === 'writer';
    this.layOut();
  }

  setLook({ theme, fontSize, screenReader }: Look): void {
    this.terminal.options.theme = TERMINAL_THEMES[theme];
    this.terminal.options.minimumContrastRatio = theme === 'light' ? 4.5 : 1;
    this.terminal.options.screenReaderMode = screenReader;
    this.fontSize = fontSize;
    this.layOut();
  }

  /** Makes the terminal fit its place again; call it when the place has another size. */
  layOut(): void {
    const { options } = this.terminal;
    const size = this.role === 'writer' ? this.fontSize : this.fittingFontSize();
    if (options.fontSize !== size) options.fontSize = size;
  }

  focus(): void {
    this.terminal.focus();
  }

  paste(text: string): void {
    this.terminal.paste(cleanPaste(text));
    this.terminal.scrollToBottom();
  }

  /** A key of the key row, as if pressed; arrows follow the program's cursor-key mode. */
  press(key: 'Escape' | 'Tab' | 'Up' | 'Down' | 'Left' | 'Right'): void {
    const arrow = { Up: 'A', Down: 'B', Right: 'C', Left: 'D', Escape: undefined, Tab: undefined }[key];
    const lead = this.terminal.modes.applicationCursorKeysMode ? '\u001bO' : '\u001b[';
    this.terminal.input(arrow === undefined ? (key === 'Tab' ? '\t' : '\u001b') : `${lead}${arrow}`);
  }

  /** The next key counts as pressed with Ctrl. */
  holdControl(hold: boolean): void {
    this.control = hold;
  }

  clearSelection(): void {
    this.terminal.clearSelection();
  }

  /** Whether `term` was found. An empty term ends the search. */
  find(term: string, forward: boolean): boolean {
    if (term === '') {
      this.search.clearDecorations();
      return true;
    }
    const options = {
      decorations: {
        matchBackground: '#8a6d1f',
        activeMatchBackground: '#d08a1c',
        matchOverviewRuler: '#d08a1c',
        activeMatchColorOverviewRuler: '#d08a1c',
      },
    };
    return forward ? this.search.findNext(term, options) : this.search.findPrevious(term, options);
  }

  dispose(): void {
    this.gone.abort();
    this.terminal.dispose();
  }

  private setSize(columns: number, rows: number): void {
    this.terminal.resize(columns, rows);
    this.layOut();
  }

  /** The largest font, in half pixels, at which the writer's columns and rows fit here. */
  private fittingFontSize(): number {
    const { options, cols, rows } = this.terminal;
    const present = options.fontSize ?? this.fontSize;
    const { columns: columnsNow, rows: rowsNow } = this.wanted;
    const fitting = present * Math.min((columnsNow + 0.5) / cols, (rowsNow + 0.5) / rows);
    return Math.max(SMALLEST_FONT, Math.min(this.fontSize, Math.floor(fitting * 2) / 2));
  }

  private drawWithWebgl(): void {
    try {
      const webgl = new WebglAddon();
      // Without the addon xterm draws with the DOM: slower, never blank.
      webgl.onContextLoss(() => webgl.dispose());
      this.terminal.loadAddon(webgl);
    } catch {
      // No WebGL 2 here.
    }
  }

  private listen(): void {
    const { terminal } = this;
    const { listener } = this.props;
    terminal.onData((data) => this.send(data));
    terminal.onBinary((data) => {
      const bytes = Uint8Array.from(data, (character) => character.charCodeAt(0));
      listener.input(bytes, !isUntyped(data));
    });
    terminal.onBell(() => {
      if (this.repeated === 0) listener.rang();
    });
    terminal.onTitleChange((title) => listener.titleChanged(cleanTitle(title)));
    const tellSelection = (): void => listener.selectionChanged(terminal.hasSelection());
    terminal.onSelectionChange(tellSelection);
    // xterm says nothing when the selection just cleared is made again.
    document.addEventListener('mouseup', () => setTimeout(tellSelection), { signal: this.gone.signal });
    terminal.parser.registerOscHandler(52, (data) => {
      const text = readClipboardRequest(data);
      if (text !== undefined && this.repeated === 0) listener.clipboardRequested(text);
      return true;
    });
    terminal.attachCustomKeyEventHandler((event) => this.mayHaveKey(event));
    this.props.place.addEventListener('paste', (event) => this.pasted(event), { capture: true });
  }

  private send(data: string): void {
    if (isReply(data) && (this.repeated > 0 || this.role === 'watcher')) return;
    let bytes = encoder.encode(data);
    if (this.control) {
      const only = bytes.length === 1 ? bytes[0] : undefined;
      if (only !== undefined) bytes = Uint8Array.of(only === 0x3f ? 0x7f : only & 0x1f);
      this.control = false;
      this.props.listener.controlReleased();
    }
    this.props.listener.input(bytes, !isUntyped(data));
  }

  private mayHaveKey(event: KeyboardEvent): boolean {
    const command = keyCommand(event, this.props.mac);
    if (command === undefined) return true;
    // Paste, and copy with the Command key, are the browser's own: it has the clipboard even over plain HTTP.
    if (command === 'paste' || (command === 'copy' && event.metaKey)) return false;
    event.preventDefault();
    event.stopPropagation();
    if (event.type !== 'keydown') return false;
    if (command === 'newline') this.terminal.input(NEWLINE);
    else if (command === 'copy') this.props.listener.copyPressed();
    else if (command === 'search') this.props.listener.searchPressed();
    else this.props.listener.leavePressed();
    return false;
  }

  private pasted(event: ClipboardEvent): void {
    const text = event.clipboardData?.getData('text/plain');
    event.preventDefault();
    event.stopPropagation();
    if (text !== undefined && text !== '') this.paste(text);
  }
}
