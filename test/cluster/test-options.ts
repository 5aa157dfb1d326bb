import type { InventoryName, LabChoice } from './lab-plan.js';

/** One call of `npm run test:cluster`. */
export interface TestOptions {
  /** The lab to use or to start; three nodes. */
  readonly choice: LabChoice & { readonly name: string };
  /** `apt-get install` what the machine lacks. */
  readonly install: boolean;
  /** Leave a lab that had to be started. */
  readonly keep: boolean;
  /** All other words: they are jest's. */
  readonly jestWords: readonly string[];
}

const FLAGS = ['--install', '--keep'];
const VALUES = ['--name', '--inventory', '--api-port', '--web-port'];

/** Reads the words behind `npm run test:cluster --`. Throws a `RangeError` for an option without its value. */
export function readTestOptions(words: readonly string[]): TestOptions {
  const jestWords: string[] = [];
  const values: Partial<Record<string, string>> = {};
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (VALUES.includes(word)) {
      const value = words[(index += 1)];
      if (value === undefined) throw new RangeError(`${word}: wants a value`);
      values[word] = value;
    } else if (!FLAGS.includes(word)) jestWords.push(word);
  }
  return {
    choice: {
      name: values['--name'] ?? 'lab',
      inventory: (values['--inventory'] ?? 'lab') as InventoryName, // one that is none is named by labPlan
      nodes: 3,
      ports: { api: Number(values['--api-port'] ?? 36443), web: Number(values['--web-port'] ?? 31000) },
    },
    install: words.includes('--install'),
    keep: words.includes('--keep'),
    jestWords,
  };
}
