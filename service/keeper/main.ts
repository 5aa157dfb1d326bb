import { ConfigurationError, readConfiguration } from './configuration.js';
import { logToStderr } from './event-log.js';
import { runKeeper } from './run-keeper.js';

process.title = 'keeper';

/** EX_CONFIG of sysexits.h: the environment is not usable. */
const BAD_CONFIGURATION = 78;

try {
  const keeper = await runKeeper(readConfiguration(process.env), process.env, logToStderr);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => keeper.end());
  const { reason, code } = await keeper.ended;
  // A session that ended by itself tells how its shell did; one that was ended is no failure.
  process.exit(reason === 'exited' || reason === 'out-of-memory' ? (code ?? 0) : 0);
} catch (error) {
  process.stderr.write(`keeper: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof ConfigurationError ? BAD_CONFIGURATION : 1);
}
