/** A JSON schema as Kubernetes writes it, in OpenAPI 2 (built-in kinds) or OpenAPI 3 (CRDs). */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly title?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly (string | number)[];
  readonly $ref?: string;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly [keyword: string]: unknown;
}

/** What a JSON schema says about values; all else – examples, merge keys, CEL – is for servers and readers. */
const KEYWORDS = [
  'enum',
  'required',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  '$ref',
];

const INT_OR_STRING: Schema = { type: ['integer', 'string'] };

/**
 * The schema as ordinary, strict JSON schema: an object refuses properties that it does not name, as the API server does
 * with strict field validation. Descriptions are kept only when asked for.
 */
export function strict(schema: Schema, describe = false): Schema {
  const prose = describe && schema.description !== undefined ? { description: tidy(schema.description) } : {};
  if (schema['x-kubernetes-int-or-string'] || schema.format === 'int-or-string') return { ...INT_OR_STRING, ...prose };
  const known = KEYWORDS.filter((key) => key in schema && (key !== 'pattern' || isPattern(schema[key])));
  const plain = Object.fromEntries(known.map((key) => [key, schema[key]]));
  const { properties, items, additionalProperties, type } = schema;
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const alternatives = schema.anyOf?.filter((one) => one.type !== undefined || one.$ref !== undefined) ?? [];
  return {
    ...prose,
    ...(type !== undefined && { type }),
    ...plain,
    ...(properties && { properties: mapped(properties, describe) }),
    ...(items && { items: strict(items, describe) }),
    ...(alternatives.length > 0 && { anyOf: alternatives.map((one) => strict(one, describe)) }),
    ...(type === 'object' && {
      additionalProperties:
        typeof additionalProperties === 'object'
          ? strict(additionalProperties, describe)
          : open || (properties === undefined && additionalProperties !== false),
    }),
  };
}

/** The schema with only these properties of the object at a dotted path. */
export function keeping(schema: Schema, path: readonly string[], names: readonly string[]): Schema {
  const [next, ...rest] = path;
  const { properties = {} } = schema;
  if (next === undefined)
    return {
      ...schema,
      properties: Object.fromEntries(Object.entries(properties).filter(([key]) => names.includes(key))),
    };
  const child = properties[next];
  return child ? { ...schema, properties: { ...properties, [next]: keeping(child, rest, names) } } : schema;
}

function mapped(properties: Readonly<Record<string, Schema>>, describe: boolean): Record<string, Schema> {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, strict(value, describe)]));
}

/** Whether JavaScript knows the pattern as well: Go's have flags such as `(?i)`. */
function isPattern(source: unknown): boolean {
  try {
    return RegExp(String(source), 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

/** The first paragraph, in which nothing ends a comment. */
function tidy(description: string): string {
  return (description.split('\n\n')[0] ?? '').replaceAll('*/', '* /').trim();
}
