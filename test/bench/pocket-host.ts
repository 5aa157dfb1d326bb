import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { PocketFacts, PocketOrder } from './pocket-facts.js';

/** The pocket cluster with one bridge, as processes of their own. */
export class PocketHost {
  private constructor(
    private readonly child: ChildProcess,
    readonly facts: PocketFacts,
  ) {}

  /** @throws Error when it ends before it is ready; what went wrong is on stderr */
  static async start(order: PocketOrder): Promise<PocketHost> {
    const child = fork(fileURLToPath(new URL('pocket-process.ts', import.meta.url)), [JSON.stringify(order)], {
      execArgv: ['--no-warnings', '--loader', 'ts-node/esm'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the pocket cluster ended with ${String(code)} before it was ready`);
    });
    const [facts] = (await Promise.race([once(child, 'message'), ended])) as [PocketFacts];
    return new PocketHost(child, facts);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }
}
