import { execFile } from 'node:child_process';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The version that is measured. */
export const WETTY_VERSION = '3.2.0';

const folder = join(import.meta.dirname, '../../../.cache/bench/wetty');
const main = join(folder, 'node_modules/wetty/build/main.js');

/** The socket of socket.io-client, as far as it is used here. */
export interface SocketIo {
  readonly connected: boolean;
  readonly io: { readonly engine: { readonly transport: { readonly ws: { pause(): void; resume(): void } } } };
  on(event: 'data', listener: (text: string) => void): void;
  on(event: 'login' | 'logout' | 'disconnect' | 'connect_error', listener: () => void): void;
  emit(event: string, ...values: unknown[]): void;
  disconnect(): void;
}

/** wetty as installed, and the client library that its page uses. */
export interface WettyPackage {
  readonly main: string;
  connect(url: string, options: { path: string; transports: string[]; forceNew: boolean }): SocketIo;
}

/**
 * Installs wetty into `.cache/bench`, once. It gets the prebuilt node-pty that Berth uses: the same terminal for both,
 * and no compiler needed. @throws Error with npm's words
 */
export async function installWetty(): Promise<WettyPackage> {
  const there = await access(main).then(
    () => true,
    () => false,
  );
  if (!there) await install();
  const { io } = createRequire(main)('socket.io-client') as { io: WettyPackage['connect'] };
  return { main, connect: io };
}

async function install(): Promise<void> {
  await mkdir(folder, { recursive: true });
  const manifest = {
    private: true,
    dependencies: { wetty: WETTY_VERSION, 'node-pty': 'npm:@lydell/node-pty@1.1.0' },
    overrides: { 'node-pty': '$node-pty' },
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  try {
    await promisify(execFile)('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error']);
  } catch (error) {
    throw new Error(`npm install wetty: ${(error as { stderr?: string }).stderr?.trim().split('\n')[0] ?? 'failed'}`);
  }
}
