import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** How a run of the image script ended. */
export interface ScriptOutcome {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs `npm run images -- words` as its own process, with npm left out. */
export async function runImageScript(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ScriptOutcome> {
  const script = ['--no-warnings', '--loader', 'ts-node/esm', 'service/images/main.ts'];
  const child = spawn(process.execPath, [...script, ...words], {
    cwd: repository,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, output, errors };
}
