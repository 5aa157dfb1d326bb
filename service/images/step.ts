import { formatCommand, type Command } from './command.js';
import { runCommand } from './run-command.js';

/** Commands that only make sense together: when one fails, the rest of them is left out. */
export interface Step {
  /** What is done to what, for people: `claudecode-sandbox: build`. */
  readonly title: string;
  readonly commands: readonly Command[];
}

/**
 * Runs the steps one after the other, each command's output shown. A step that fails does not stop the next.
 *
 * @returns one problem for each step that failed
 */
export async function runSteps(steps: readonly Step[]): Promise<string[]> {
  const problems: string[] = [];
  for (const { title, commands } of steps) {
    process.stderr.write(`── ${title}\n`);
    for (const command of commands) {
      const { ok, failure } = await runCommand(command, true);
      if (ok) continue;
      problems.push(`${title}: ${failure}`);
      break;
    }
  }
  return problems;
}

/** The steps as a shell script that does the same. */
export function formatSteps(steps: readonly Step[]): string {
  return steps
    .map(({ title, commands }) => [`# ${title}`, commands.map(formatCommand).join(' &&\n  ')].join('\n'))
    .join('\n');
}
