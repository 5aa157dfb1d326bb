const ESCAPE = '\u001b';
const CSI = `${ESCAPE}\\[`;

/** What xterm sends by itself: device attributes, status and cursor reports, mode reports, sizes, colours, settings. */
const REPLY = new RegExp(
  `^(${CSI}[?>=]?[\\d;]*(\\$y|[cnRty])|${ESCAPE}P[\\s\\S]*${ESCAPE}\\\\|${ESCAPE}\\][\\s\\S]*(${ESCAPE}\\\\|\\u0007))+$`,
);

/** Focus and mouse reports: sent for a person, who typed nothing. */
const REPORT = new RegExp(`^${CSI}([IO]|<[\\d;]+[Mm]|M[\\s\\S]{3})`);

/**
 * Whether the terminal itself sent `data` to answer a program. Answers are not repeated when output is replayed, and a
 * watcher gives none. (F3 with a modifier looks like a cursor report and is lost in that moment too.)
 */
export function isReply(data: string): boolean {
  return REPLY.test(data);
}

/** Whether nobody pressed a key for `data`. */
export function isUntyped(data: string): boolean {
  return REPLY.test(data) || REPORT.test(data);
}
