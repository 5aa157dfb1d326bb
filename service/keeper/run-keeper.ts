import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import type { Exit } from '../protocol/control-message.js';
import { SYSTEM_CLOCK } from './clock.js';
import type { Configuration } from './configuration.js';
import type { LogEvent } from './event-log.js';
import { furnishHome, shellEnvironment } from './home.js';
import { Keeper } from './keeper.js';
import { OomWatcher } from './oom-watcher.js';
import { PtyShell } from './pty-shell.js';
import { KeeperServer } from './server.js';

/** How often the limits of time are looked at, and the kernel's counter, in milliseconds. */
const TICK = 250;
const OOM_CHECK = 2000;

/** A keeper that listens. */
export interface RunningKeeper {
  /** Ends the session because somebody asked for it. */
  end(): void;
  /** Settles when everybody has been told, with why. */
  readonly ended: Promise<Exit>;
}

/** Listens on the socket and runs one session with a real shell. @throws when the socket cannot be had */
export async function runKeeper(
  configuration: Configuration,
  environment: Readonly<Record<string, string | undefined>>,
  log: LogEvent,
): Promise<RunningKeeper> {
  const { socket, shell: file, idle, deadline, hold, logBytes, terminationLog } = configuration;
  const directory = environment['HOME'] ?? homedir();
  furnishHome(directory);
  let settle: (exit: Exit) => void = () => undefined;
  const over = new Promise<Exit>((resolve) => {
    settle = resolve;
  });
  const keeper = new Keeper({
    startShell: (size, events) =>
      new PtyShell({
        file,
        args: ['-l'],
        environment: shellEnvironment(environment, file),
        directory,
        size,
        events,
      }),
    clock: SYSTEM_CLOCK,
    hold,
    idle,
    deadline,
    logBytes,
    log,
    onEnd: settle,
  });
  const server = new KeeperServer((wire) => keeper.attach(wire));
  await server.listen(socket);
  const oom = new OomWatcher();
  const timers = [
    setInterval(() => keeper.tick(), TICK),
    setInterval(() => {
      const count = oom.check();
      if (count > 0) keeper.ranOutOfMemory(count);
    }, OOM_CHECK),
  ];
  log('listening');
  const ended = over.then(async (exit) => {
    for (const timer of timers) clearInterval(timer);
    if (terminationLog !== undefined) writeTermination(terminationLog, exit, log);
    await server.close();
    return exit;
  });
  return { end: () => keeper.end('ended'), ended };
}

function writeTermination(path: string, { reason, message, code, signal }: Exit, log: LogEvent): void {
  try {
    writeFileSync(path, JSON.stringify({ reason, message, code, signal }));
  } catch (error) {
    log('termination-log-failed', { problem: (error as Error).message });
  }
}
