import type { IDisposable, Terminal } from '@xterm/headless';

/** Deeper stacks than this lose their oldest entry, as the protocol asks. */
const DEPTH = 16;

/**
 * Keyboard modes that xterm.js 6.0.0 does not keep itself but a page may: kitty's progressive enhancement (one stack a
 * screen) and xterm's modifyOtherKeys.
 */
export class KeyboardModes implements IDisposable {
  private readonly stacks = { normal: [0], alternate: [0] };
  private otherKeys = 0;
  private readonly handlers: readonly IDisposable[];

  constructor(private readonly terminal: Terminal) {
    const first = (params: readonly (number | number[])[], fallback: number): number =>
      typeof params[0] === 'number' ? params[0] || fallback : fallback;
    const on = (prefix: string, handle: (params: readonly (number | number[])[]) => void): IDisposable =>
      terminal.parser.registerCsiHandler({ prefix, final: 'u' }, (params) => {
        handle(params);
        return true;
      });
    this.handlers = [
      on('>', (params) => {
        this.stack.push(first(params, 0));
        if (this.stack.length > DEPTH) this.stack.shift();
      }),
      on('<', (params) => {
        this.stack.splice(Math.max(0, this.stack.length - first(params, 1)));
        if (this.stack.length === 0) this.stack.push(0);
      }),
      on('=', (params) => {
        const flags = first(params, 0);
        const old = this.stack.pop() ?? 0;
        const how = typeof params[1] === 'number' ? params[1] : 1;
        this.stack.push(how === 2 ? old | flags : how === 3 ? old & ~flags : flags);
      }),
      terminal.parser.registerCsiHandler({ prefix: '>', final: 'm' }, (params) => {
        if (first(params, 0) === 4) this.otherKeys = typeof params[1] === 'number' ? params[1] : 0;
        return true;
      }),
      terminal.parser.registerEscHandler({ final: 'c' }, () => {
        this.stacks.normal = [0];
        this.stacks.alternate = [0];
        this.otherKeys = 0;
        return false;
      }),
    ];
  }

  /** What sets the kitty modes of one screen while it is shown. */
  serializeScreen(screen: 'normal' | 'alternate'): string {
    const [bottom = 0, ...pushed] = this.stacks[screen];
    return `${bottom === 0 ? '' : `\x1b[=${bottom}u`}${pushed.map((flags) => `\x1b[>${flags}u`).join('')}`;
  }

  /** What sets the modes that both screens share. */
  serialize(): string {
    return this.otherKeys === 0 ? '' : `\x1b[>4;${this.otherKeys}m`;
  }

  dispose(): void {
    for (const handler of this.handlers) handler.dispose();
  }

  private get stack(): number[] {
    return this.stacks[this.terminal.buffer.active.type];
  }
}
