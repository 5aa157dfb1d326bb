/** What one contender did in one measure. */
export interface Cell {
  readonly contender: string;
  /** In the finding's unit. @default none: `remark` says why */
  readonly value?: number | undefined;
  /** Said behind the value, or instead of it. @default none */
  readonly remark?: string | undefined;
}

/** What Berth was to reach. */
export interface Goal {
  readonly text: string;
  /** @default none: it could not be judged */
  readonly met?: boolean | undefined;
}

/** One row of the table. */
export interface Finding {
  readonly title: string;
  readonly unit: 'ms' | 's' | 'MB/s' | 'MB' | 'KB';
  readonly cells: readonly Cell[];
  /** @default none: a report */
  readonly goal?: Goal | undefined;
  /** What was measured and what it is compared with. @default none */
  readonly note?: string | undefined;
}

/** A goal of the form "at most so much". */
export function atMost(limit: number, text: string, value: number | undefined): Goal {
  return { text, met: value === undefined ? undefined : value <= limit };
}

/** A goal of the form "at least so much". */
export function atLeast(limit: number, text: string, value: number | undefined): Goal {
  return { text, met: value === undefined ? undefined : value >= limit };
}
