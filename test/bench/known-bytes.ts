import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** How the known bytes look. `coloured`: each line has four colours set and reset, as a build's output might. */
export type Kind = 'plain' | 'coloured';

/**
 * Numbers, eight on a line, so that no two lines are alike. Lines end as everything does that a program writes to a
 * terminal (termios, ONLCR); the driver is told to leave them alone, so that the hash can be compared.
 */
export function makeFileCommand(kind: Kind, megabytes: number, file: string): string {
  const bytes = megabytes * 1024 * 1024;
  const numbers = 'seq 10000000 99999999 | paste -d " " - - - - - - - - | sed "s/$/\\r/"';
  const coloured = `${numbers} | sed "s/ \\([0-9]*\\) / $(printf '\\033')[3\${n:-2}m\\1$(printf '\\033')[0m /g"`;
  return `${kind === 'plain' ? numbers : coloured} 2>/dev/null | head -c ${bytes} > ${file}`;
}

/** Makes the file on this machine. @returns its SHA-256 */
export async function makeKnownBytes(kind: Kind, megabytes: number, file: string): Promise<string> {
  execFileSync('bash', ['-c', makeFileCommand(kind, megabytes, file)], { stdio: ['ignore', 'ignore', 'ignore'] });
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
