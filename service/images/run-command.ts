import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Command } from './command.js';

/** How a command ended. */
export interface Outcome {
  /** Whether it exited with 0. */
  readonly ok: boolean;
  /** Its standard output; empty if that was shown instead. */
  readonly output: string;
  /** Why it failed, for people: the last line of its standard error, or that it is not installed. */
  readonly failure: string;
}

/**
 * Runs a command to its end. Never rejects for what the command does.
 *
 * @param show whether people see its output as it comes; its standard error is also kept for `failure`
 */
export async function runCommand(command: Command, show: boolean): Promise<Outcome> {
  const [program, ...words] = command.argv;
  const child = spawn(program, words, {
    env: { ...process.env, ...command.environment },
    stdio: [command.stdin === undefined ? 'ignore' : 'pipe', show ? 'inherit' : 'pipe', 'pipe'],
  });
  const output: Buffer[] = [];
  let complaint = '';
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-4096);
    if (show) process.stderr.write(chunk);
  });
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'ENOENT' ? `${program} is not installed` : error.message),
    );
    child.on('close', (code, signal) =>
      resolve(code === 0 ? '' : lastLine(complaint) || `exit ${code ?? signal ?? ''}`),
    );
  });
  let unread = '';
  if (command.stdin !== undefined && child.stdin !== null) {
    await pipeline(createReadStream(command.stdin), child.stdin).catch((error: unknown) => {
      // A program may leave the padding at an archive's end unread; whether it liked the rest, its exit code says.
      if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) unread = String(error);
    });
  }
  const failure = (await ended) || unread;
  return { ok: failure === '', output: Buffer.concat(output).toString(), failure };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
