import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Configuration } from '../../service/keeper/configuration.js';
import { runKeeper } from '../../service/keeper/run-keeper.js';
import type { RunningKeeper } from '../../service/keeper/run-keeper.js';

/** A keeper in this process, with a real shell and a real socket in a folder of its own. */
export interface RealKeeper extends RunningKeeper {
  readonly folder: string;
  readonly socket: string;
  readonly events: readonly string[];
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

export async function startKeeper(props: Partial<Configuration> = {}): Promise<RealKeeper> {
  const folder = mkdtempSync(join(tmpdir(), 'keeper-'));
  const socket = join(folder, 'keeper.sock');
  const events: string[] = [];
  const configuration: Configuration = {
    socket,
    shell: '/bin/bash',
    idle: 0,
    deadline: 0,
    hold: 60_000,
    logBytes: 4 * 1024 * 1024,
    ...props,
  };
  const environment = { HOME: folder, PATH: process.env['PATH'], LANG: 'C.UTF-8', KEEPER_SOCKET: socket };
  const keeper = await runKeeper(configuration, environment, (event) => events.push(event));
  const stop = async (): Promise<void> => {
    keeper.end();
    await keeper.ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...keeper, folder, socket, events, stop };
}
