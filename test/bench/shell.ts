import type { Contender, Output, Terminal } from './terminal.js';

/** Written so that the echo of the command that sets it does not match. */
const QUOTED_PROMPT = "berth-be''nch> ";
export const PROMPT = 'berth-bench> ';
const SETUP = `exec env TERM=xterm-256color INPUTRC=/dev/null PS1='${QUOTED_PROMPT}' bash --norc --noprofile\r`;
/** A wait that takes longer than this has failed, in milliseconds. */
const PATIENCE = 60_000;

/** The same shell at every contender: `bash --norc` with a prompt that is easy to find. */
export class Shell {
  /** What is done with output; by default it is drawn at once. */
  listener: Output;
  private tail = '';
  private wanted: { readonly text: string; readonly found: () => void } | undefined;

  private constructor(
    readonly contender: Contender,
    private opened: Terminal | undefined,
  ) {
    this.listener = this.draw;
  }

  /** @throws Error when no prompt comes */
  static async open(contender: Contender): Promise<Shell> {
    const shell = new Shell(contender, undefined);
    shell.opened = await contender.open((bytes) => shell.listener(bytes));
    await shell.typeAndSee(SETUP, PROMPT);
    return shell;
  }

  get terminal(): Terminal {
    if (this.opened === undefined) throw new Error('the terminal is not open yet');
    return this.opened;
  }

  /** Draws output at once: looks for what is waited for, and acknowledges. */
  readonly draw = (bytes: Uint8Array): void => {
    this.look(bytes);
    this.opened?.acknowledge(bytes.length);
  };

  /** Looks for what is waited for, and acknowledges nothing. */
  look(bytes: Uint8Array): void {
    if (this.wanted === undefined) return;
    const text = this.tail + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const { text: wanted, found } = this.wanted;
    if (text.includes(wanted)) {
      this.wanted = undefined;
      found();
    } else this.tail = text.slice(-wanted.length + 1);
  }

  /** Waits for a text in the output from now on. @throws Error after `patience` milliseconds */
  sees(text: string, patience = PATIENCE): Promise<void> {
    this.tail = '';
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.wanted = undefined;
        reject(new Error(`${this.contender.name}: ${JSON.stringify(text)} was not seen within ${patience} ms`));
      }, patience);
      const found = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.wanted = { text, found };
    });
  }

  async typeAndSee(input: string, text: string): Promise<void> {
    const seen = this.sees(text);
    this.terminal.type(input);
    await seen;
  }

  /** Runs a command and waits for the next prompt. */
  run(command: string): Promise<void> {
    return this.typeAndSee(`${command}\r`, PROMPT);
  }

  /** The network loses the terminal, and the contender's page comes back. */
  async comeBack(): Promise<void> {
    this.opened = await this.contender.comeBack(this.terminal, (bytes) => this.listener(bytes));
  }

  close(): Promise<void> {
    return this.terminal.close();
  }
}

/** Opens a shell at each contender, one after another. */
export async function openShells(contenders: readonly Contender[]): Promise<Shell[]> {
  const shells: Shell[] = [];
  for (const contender of contenders) shells.push(await Shell.open(contender));
  return shells;
}
