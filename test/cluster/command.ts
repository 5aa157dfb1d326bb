import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';

/** What may differ from a plain call. */
export interface RunOptions {
  /** @default this process's environment */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** @default this process's folder */
  readonly cwd?: string;
  /** Given to the program's standard input. @default nothing */
  readonly input?: string;
  /** A file to be its standard input, instead. @default none */
  readonly inputFile?: string;
  /** Called with each piece of either output as it comes. @default nobody */
  readonly onOutput?: (text: string) => void;
}

/** A program that could not be run or did not end with 0; the message ends with the last lines it wrote. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';

  constructor(
    readonly command: readonly string[],
    /** Null: it did not start, or a signal ended it. */
    readonly code: number | null,
    readonly output: string,
  ) {
    const tail = output.trimEnd().split('\n').slice(-15).join('\n');
    super(
      `\`${command.join(' ')}\` ${code === null ? 'did not run' : `ended with ${code}`}${tail ? `:\n${tail}` : ''}`,
    );
  }
}

/** Runs a program to its end and gives its standard output. Throws `CommandFailed`. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { env, cwd, input, inputFile, onOutput } = options;
  const file = inputFile === undefined ? undefined : await open(inputFile);
  return new Promise<string>((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: [file?.fd ?? 'pipe', 'pipe', 'pipe'],
      ...(env === undefined ? {} : { env: { ...process.env, ...env } }),
      ...(cwd === undefined ? {} : { cwd }),
    });
    let stdout = '';
    let both = '';
    const collect = (text: string): void => {
      both += text;
      onOutput?.(text);
    };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      collect(text);
    });
    child.stderr?.setEncoding('utf8').on('data', collect);
    child.stdin?.on('error', () => undefined); // a program that ends without reading its input says so by its code
    child.stdin?.end(input);
    child.once('error', (error) => reject(new CommandFailed([program, ...args], null, error.message)));
    child.once('close', (code) => {
      if (code === 0) resolve(stdout);
      else reject(new CommandFailed([program, ...args], code, both));
    });
  }).finally(() => file?.close());
}

/** Whether a program ends with 0; for questions whose answer is the exit code. */
export async function succeeds(program: string, args: readonly string[]): Promise<boolean> {
  return run(program, args).then(
    () => true,
    () => false,
  );
}
