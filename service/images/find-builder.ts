import { BUILDERS, howToInstall, probeBuilder, type Builder } from './builder.js';
import { runCommand } from './run-command.js';

/**
 * The wanted builder, or the first that works on this machine.
 *
 * @returns the builder, or one problem for each that was tried: why it does not work and how it is installed
 */
export async function findBuilder(wanted: Builder | undefined): Promise<Builder | string[]> {
  const problems: string[] = [];
  for (const builder of wanted === undefined ? BUILDERS : [wanted]) {
    const { ok, failure } = await runCommand(probeBuilder(builder), false);
    if (ok) return builder;
    problems.push(`${builder}: ${failure} (to install it: ${howToInstall(builder)})`);
  }
  return wanted === undefined ? ['no builder works here, and one is needed:', ...problems] : problems;
}
