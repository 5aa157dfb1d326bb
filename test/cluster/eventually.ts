/** How long to keep asking, and how often. Milliseconds. */
export interface Patience {
  /** @default 60_000 */
  readonly within?: number;
  /** @default 100 */
  readonly every?: number;
}

/**
 * Asks until the answer is neither `false` nor `undefined` nor an exception, and gives it. Throws an error that says what
 * was waited for, with the last exception's words.
 */
export async function eventually<Answer>(
  what: string,
  ask: () => Promise<Answer | undefined | false>,
  { within = 60_000, every = 100 }: Patience = {},
): Promise<Answer> {
  const end = Date.now() + within;
  let last = '';
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      last = '';
    } catch (error) {
      last = `; the last answer: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (Date.now() >= end) throw new Error(`waited ${within / 1000} s for ${what} in vain${last}`);
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}
