import { execFileSync } from 'node:child_process';
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeeperHello } from '../../service/protocol/control-message.js';
import { encodePipeMessage, PIPE_KINDS } from '../../service/protocol/pipe.js';
import { writeSandboxImage } from '../../service/sandbox-image.js';

const root = join(import.meta.dirname, '../..');

/** The image as it is built: `keeper-attach` is socat where this machine has it, else the pocket cluster's own in Node. */
export async function writeShellImage(folder: string): Promise<'socat' | 'node'> {
  await writeSandboxImage(folder, join(root, 'dist/keeper'));
  if (!hasCommand('socat')) return 'node';
  const attach = join(folder, 'keeper-attach');
  await copyFile(join(root, 'service/images/claudecode-sandbox/keeper-attach'), attach);
  await chmod(attach, 0o755);
  return 'socat';
}

/**
 * Sandboxes for counting: the keeper sleeps, and `keeper-attach` greets the viewer and then says a word every 15 s, so
 * that the bridge takes it for a living one.
 */
export async function writeStandInImage(folder: string): Promise<void> {
  const hello: KeeperHello = {
    ...{ type: 'hello', version: 1, input: 0, role: 'writer', viewers: 1 },
    ...{ columns: 80, rows: 24 },
  };
  const pong = { type: 'pong', from: 'bridge', id: 1 };
  await mkdir(folder, { recursive: true });
  await writeExecutable(join(folder, 'keeper'), '#!/bin/sh\nexec sleep 100000\n');
  await writeExecutable(
    join(folder, 'keeper-attach'),
    `#!/bin/bash
printf '${octal(hello)}'
while :; do
  IFS= read -r -N 65536 -t 15 _
  [ $? -gt 128 ] || exit 0
  printf '${octal(pong)}'
done
`,
  );
}

/** Whether this machine has a command. */
export function hasCommand(name: string): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v "$0"', name], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A message in the pipe as `printf` writes it. */
function octal(message: object): string {
  const bytes = encodePipeMessage(PIPE_KINDS.text, Buffer.from(JSON.stringify(message)));
  return [...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

async function writeExecutable(file: string, script: string): Promise<void> {
  await writeFile(file, script);
  await chmod(file, 0o755);
}
