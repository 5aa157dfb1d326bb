/** One line of JSON for an event in the session's life; never anything that was typed or shown. */
export type LogEvent = (event: string, details?: Readonly<Record<string, string | number | undefined>>) => void;

/** To stderr, where the container's log is. */
export const logToStderr: LogEvent = (event, details) => {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...details })}\n`);
};
