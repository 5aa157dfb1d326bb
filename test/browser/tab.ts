import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext, ConsoleMessage, Locator, Page } from 'playwright-core';
import type { DebugHandle } from '../../service/client/debug-handle.js';
import type { TerminalSnapshot } from '../../service/client/terminal/terminal-snapshot.js';
import { until } from '../stories/until.js';

const SCREENSHOTS = join(import.meta.dirname, '../../.artifacts/screenshots');

/** A network that fails, and answers that refuse, are part of the stories; the rest is a fault of the page. */
const EXPECTED = [/Failed to load resource|WebSocket connection to/];

/** One tab with Berth in it, driven as a person would; it reads the screen through the page's debug handle. */
export class Tab {
  /** What the page complained about: errors and refused content. */
  readonly complaints: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly url: string,
  ) {
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => this.hear(message));
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== new URL(url).origin)
        this.complaints.push(`a request to another origin: ${request.url()}`);
    });
  }

  static async open(context: BrowserContext, url: string): Promise<Tab> {
    return new Tab(await context.newPage(), url);
  }

  /** Opens the link that an operator hands out. */
  async logIn(token: string): Promise<void> {
    await this.page.goto(`${this.url}/#/token=${token}`);
    await this.page.waitForSelector('.profile');
  }

  /** Presses New Session, for the default profile unless told, and waits for the prompt. @returns the session's id */
  async newSession(profile?: string): Promise<string> {
    if (!(await this.page.locator('.home').isVisible())) await this.page.goto(`${this.url}/#`);
    await this.page.waitForSelector('.profile');
    await this.pressNewSession(profile);
    await this.attached();
    await until('a prompt', async () => (await this.screen()).cursor.column > 0);
    return this.session;
  }

  /** Chooses a profile on the home page, the default one unless told, and presses New Session. */
  async pressNewSession(profile?: string): Promise<void> {
    if (profile !== undefined) await this.page.locator(`input[value="${profile}"]`).check();
    await this.page.locator('.home').getByRole('button', { name: 'New Session', exact: true }).click();
  }

  get session(): string {
    return /session\/(\w+)/.exec(this.page.url())?.[1] ?? '';
  }

  async attached(role?: 'writer' | 'watcher'): Promise<void> {
    const which = role === undefined ? '' : `[data-role=${role}]`;
    await this.page.waitForSelector(`.panel[data-state=attached]${which}`, { timeout: 45_000 });
  }

  async type(text: string): Promise<void> {
    await this.page.locator('.terminal-place textarea').focus();
    await this.page.keyboard.insertText(text);
  }

  /** Types a command and Return. What it prints should not stand in it, or its echo is taken for the answer. */
  async run(command: string): Promise<void> {
    await this.type(command);
    await this.page.keyboard.press('Enter');
  }

  /** Presses Ctrl-C and waits for the prompt: what is typed before it would be thrown away with the rest. */
  async interrupt(): Promise<void> {
    await this.press('Control+C');
    await until('a prompt', async () => /[#$]$/.test((await this.text()).trimEnd()));
  }

  async press(key: string): Promise<void> {
    await this.page.locator('.terminal-place textarea').focus();
    await this.page.keyboard.press(key);
  }

  /** Pastes as a browser does, without going through the system's clipboard. */
  async paste(text: string): Promise<void> {
    await this.page.evaluate((pasted) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', pasted);
      const field = document.querySelector('.terminal-place textarea');
      field?.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, text);
  }

  async screen(): Promise<TerminalSnapshot> {
    const { screen } = await this.look();
    if (screen === undefined) throw new Error('no terminal is shown');
    return screen;
  }

  async selection(): Promise<string> {
    return (await this.look()).selection ?? '';
  }

  /** The visible text, rows without their trailing blanks. */
  async text(): Promise<string> {
    return (await this.screen()).lines.map((line) => line.trimEnd()).join('\n');
  }

  /** Waits until the screen shows `wanted`. @throws Error with what it shows instead */
  async sees(wanted: RegExp): Promise<RegExpExecArray> {
    let text = '';
    const look = async (): Promise<RegExpExecArray | undefined> => wanted.exec((text = await this.text())) ?? undefined;
    return until(`${String(wanted)} on the screen`, look).catch(() => {
      throw new Error(`waited for ${String(wanted)}; on the screen:\n${text.trimEnd()}`);
    });
  }

  /** Waits until the screen has been the same for a few looks, and returns it. */
  async settled(): Promise<TerminalSnapshot> {
    let before = '';
    let same = 0;
    return until('a quiet screen', async () => {
      const screen = await this.screen();
      const now = JSON.stringify(screen);
      same = now === before ? same + 1 : 0;
      before = now;
      return same > 12 ? screen : undefined;
    });
  }

  /** Waits until this tab shows exactly `screen`; how far it was scrolled back does not count. */
  async shows(screen: TerminalSnapshot): Promise<void> {
    let last: TerminalSnapshot = screen;
    await until(
      'the same cells, cursor and modes',
      async () => {
        last = await this.screen();
        return picture(last) === picture(screen);
      },
      20_000,
    ).catch(() => undefined);
    expect({ ...last, scrollback: 0 }).toEqual({ ...screen, scrollback: 0 });
  }

  /** The notice with this key. */
  notice(key: string): Locator {
    return this.page.locator(`[data-notice=${key}]`);
  }

  /** The middle of a cell on the page, in CSS pixels. */
  async cell(column: number, row: number): Promise<{ readonly x: number; readonly y: number }> {
    const box = await this.page.locator('.xterm-screen').boundingBox();
    if (box === null) throw new Error('no terminal is shown');
    const { columns, rows } = await this.screen();
    return { x: box.x + ((column + 0.5) * box.width) / columns, y: box.y + ((row + 0.5) * box.height) / rows };
  }

  /** Drags the mouse from one cell to another. */
  async select(
    from: readonly [column: number, row: number],
    to: readonly [column: number, row: number],
  ): Promise<void> {
    const [start, end] = [await this.cell(...from), await this.cell(...to)];
    await this.page.mouse.move(start.x - 2, start.y);
    await this.page.mouse.down();
    await this.page.mouse.move(end.x + 2, end.y, { steps: 4 });
    await this.page.mouse.up();
    await this.page.getByRole('button', { name: 'Copy', exact: true }).waitFor();
  }

  /** Waits until nothing fades or slides any more. */
  async still(): Promise<void> {
    await this.page.waitForFunction(() =>
      document
        .getAnimations()
        .every(({ playState, effect }) => playState !== 'running' || effect?.getTiming().iterations === Infinity),
    );
  }

  /** Keeps what the page looks like among the artefacts, to be looked at. */
  async screenshot(name: string): Promise<void> {
    await this.still();
    await mkdir(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  }

  private look(): Promise<Pick<DebugHandle, 'screen' | 'selection'>> {
    return this.page.evaluate(() => {
      const { screen, selection } = (window as unknown as { berth: DebugHandle }).berth;
      return { screen, selection };
    });
  }

  private hear(message: ConsoleMessage): void {
    if (message.type() !== 'error' || EXPECTED.some((words) => words.test(message.text()))) return;
    this.complaints.push(message.text());
  }
}

function picture(screen: TerminalSnapshot): string {
  return JSON.stringify({ ...screen, scrollback: 0 });
}
