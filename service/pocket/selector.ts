import type { KubeObject } from './kube-object.js';
import { StatusError } from './status-error.js';

export type Selector = (object: KubeObject) => boolean;

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
}

const PARTS = /,(?![^(]*\))/;
const SET = /^([^\s!=]+)\s+(in|notin)\s*\(([^)]*)\)$/;
const EQUAL = /^([^\s!=]+)\s*(==|=|!=)\s*(\S*)$/;
const EXISTS = /^(!?)\s*([A-Za-z0-9][A-Za-z0-9_./-]*)$/;

/** Reads a label selector, `a=b,c!=d,e in (f,g),!h`. @throws StatusError 400 when it is none. */
export function labelSelector(text: string): Selector {
  const requirements = split(text).map((part) => {
    const set = SET.exec(part);
    if (set !== null) return { key: set[1] ?? '', operator: set[2] ?? '', values: (set[3] ?? '').split(',').map(trim) };
    const equal = EQUAL.exec(part);
    if (equal !== null)
      return { key: equal[1] ?? '', operator: equal[2] === '!=' ? 'notin' : 'in', values: [equal[3] ?? ''] };
    const exists = EXISTS.exec(part);
    if (exists !== null)
      return { key: exists[2] ?? '', operator: exists[1] === '!' ? 'missing' : 'exists', values: [] };
    throw StatusError.badRequest(
      `unable to parse requirement: found '${part}', expected: a label selector requirement`,
    );
  });
  return (object) =>
    requirements.every((requirement) => matches(requirement, object.metadata.labels?.[requirement.key]));
}

/** Reads a field selector. @throws StatusError 400 for a field that is not among `fields`. */
export function fieldSelector(
  text: string,
  fields: Readonly<Record<string, (object: KubeObject) => string>>,
): Selector {
  const requirements = split(text).map((part) => {
    const equal = EQUAL.exec(part);
    const read = Object.hasOwn(fields, equal?.[1] ?? '') ? fields[equal?.[1] ?? ''] : undefined;
    if (equal === null || read === undefined) {
      throw StatusError.badRequest(
        `Unable to find "${part}" that match label selector "", field selector "${text}": field label not supported: ${equal?.[1] ?? part}`,
      );
    }
    return { read, wanted: equal[3] ?? '', negated: equal[2] === '!=' };
  });
  return (object) => requirements.every(({ read, wanted, negated }) => (read(object) === wanted) !== negated);
}

/** The value that a field selector demands of `metadata.name`, which RBAC then takes as the name asked for. */
export function selectedName(text: string): string | undefined {
  return /^metadata\.name==?([^,]+)$/.exec(text)?.[1];
}

function matches({ operator, values }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case 'in':
      return value !== undefined && values.includes(value);
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    default:
      return value === undefined;
  }
}

function split(text: string): string[] {
  return text
    .split(PARTS)
    .map(trim)
    .filter((part) => part !== '');
}

function trim(text: string): string {
  return text.trim();
}
