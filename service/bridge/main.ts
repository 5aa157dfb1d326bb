import { startBridge } from './bridge.js';
import { ConfigError, readConfig } from './config.js';

/** The entry of the image: reads the environment, starts, and goes when it is told to. */
async function main(): Promise<void> {
  process.title = 'bridge';
  const bridge = await startBridge(readConfig(process.env));
  let going = false;
  const go = (leave: () => Promise<void>): void => {
    // Asked twice: now.
    if (going) process.exit(1);
    going = true;
    leave().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGTERM', () => go(() => bridge.drain()));
  process.on('SIGINT', () => go(() => bridge.close()));
}

function fail(error: unknown): never {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
}

main().catch(fail);
