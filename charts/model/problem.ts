/** One thing wrong with the data: which field, what it holds, and the rule it breaks. */
export interface Problem {
  readonly field: string;
  readonly value: unknown;
  readonly rule: string;
}

/** Collects every problem of a piece of data instead of stopping at the first. */
export class Findings {
  readonly problems: Problem[] = [];

  /** Notes a problem with `field` unless `holds`. */
  need(holds: boolean, field: string, value: unknown, rule: string): void {
    if (!holds) this.problems.push({ field, value, rule });
  }

  /** Notes each value of `field` that occurs more than once. */
  unique(values: readonly (string | number)[], field: string): void {
    const repeated = values.filter((value, index) => values.indexOf(value) !== index);
    for (const value of new Set(repeated)) this.need(false, field, value, 'must be unique');
  }

  /** Takes over the problems of a part, whose fields are named below `field`. */
  include(field: string, problems: readonly Problem[]): void {
    this.problems.push(...problems.map((problem) => ({ ...problem, field: `${field}.${problem.field}` })));
  }
}

/** One line for people: `terminal.nodePort = 99999: want a whole number from 30000 to 32767`. */
export function describeProblem({ field, value, rule }: Problem): string {
  return `${field} = ${value === undefined ? 'undefined' : JSON.stringify(value)}: ${rule}`;
}
