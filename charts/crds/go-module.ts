import { execFileSync } from 'node:child_process';

/**
 * The folder of a Go module in the module cache, downloaded when it is not there yet.
 * @throws Error that says what is missing, when there is no Go or no such module
 */
export function goModule(module: string, version: string): string {
  try {
    const answer = execFileSync('go', ['mod', 'download', '-json', `${module}@${version}`], { encoding: 'utf8' });
    return (JSON.parse(answer) as { readonly Dir: string }).Dir;
  } catch (error) {
    throw new Error(`${module}@${version}: cannot be fetched (Go 1.24 or newer is needed)`, { cause: error });
  }
}
