/** One program to run, without a shell in between. */
export interface Command {
  readonly argv: readonly [string, ...string[]];
  /** A file that the program reads as its standard input. @default none */
  readonly stdin?: string;
  /** Added to the environment. @default none */
  readonly environment?: Readonly<Record<string, string>>;
}

/** The command as a person would type it into a POSIX shell. */
export function formatCommand({ argv, stdin, environment }: Command): string {
  const variables = Object.entries(environment ?? {}).map(([name, value]) => `${name}=${quoteWord(value)}`);
  const input = stdin === undefined ? [] : ['<', quoteWord(stdin)];
  return [...variables, ...argv.map(quoteWord), ...input].join(' ');
}

/** The word as a POSIX shell reads it back: unchanged where that is safe, otherwise in single quotes. */
export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
