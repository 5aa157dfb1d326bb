import { isRecord, type Manifest } from './kube-object.js';
import type { ResourceKind } from './resource-kind.js';
import { StatusError, type StatusCause } from './status-error.js';

type Cause = Required<StatusCause>;

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const ANNOTATIONS_LIMIT = 262_144;

const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const KEY_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/** An invalid value as the API words it. */
export function invalidValue(field: string, value: unknown, rule: string): Cause {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${JSON.stringify(value)}: ${rule}` };
}

/** A missing value as the API words it. */
export function requiredValue(field: string, rule = ''): Cause {
  return { reason: 'FieldValueRequired', field, message: rule === '' ? 'Required value' : `Required value: ${rule}` };
}

/** Everything wrong with an object's name, labels and annotations. */
export function metadataProblems(manifest: Manifest, name: string): Cause[] {
  const causes: Cause[] = [];
  if (name === '') causes.push(requiredValue('metadata.name', 'name or generateName is required'));
  else if (name.length > 253) causes.push(invalidValue('metadata.name', name, 'must be no more than 253 characters'));
  else if (!SUBDOMAIN.test(name)) causes.push(invalidValue('metadata.name', name, SUBDOMAIN_RULE));
  for (const [key, value] of Object.entries(stringMap(manifest, 'labels'))) {
    causes.push(...keyProblems('metadata.labels', key));
    if (value.length > 63) causes.push(invalidValue('metadata.labels', value, 'must be no more than 63 characters'));
    else if (!LABEL_VALUE.test(value)) causes.push(invalidValue('metadata.labels', value, VALUE_RULE));
  }
  const annotations = stringMap(manifest, 'annotations');
  for (const key of Object.keys(annotations)) causes.push(...keyProblems('metadata.annotations', key.toLowerCase()));
  const size = Object.entries(annotations).reduce((sum, [key, value]) => sum + Buffer.byteLength(key + value), 0);
  if (size > ANNOTATIONS_LIMIT) {
    const message = `Too long: may not be more than ${ANNOTATIONS_LIMIT} bytes`;
    causes.push({ reason: 'FieldValueTooLong', field: 'metadata.annotations', message });
  }
  return causes;
}

/** Checks what is common to all kinds. @throws StatusError 422 with every cause. */
export function validateMetadata(kind: ResourceKind, manifest: Manifest, name: string): void {
  const causes = metadataProblems(manifest, name);
  // RBAC names may hold colons; nothing here depends on their form.
  const counted =
    kind.group === 'rbac.authorization.k8s.io' ? causes.filter((cause) => cause.field !== 'metadata.name') : causes;
  if (counted.length > 0) throw StatusError.invalid(kind, name, counted);
}

function keyProblems(field: string, key: string): Cause[] {
  const parts = key.split('/');
  const name = parts.at(-1) ?? '';
  const prefix = parts.length > 1 ? parts.slice(0, -1).join('/') : undefined;
  const causes: Cause[] = [];
  if (prefix !== undefined && !SUBDOMAIN.test(prefix))
    causes.push(invalidValue(field, key, `prefix part ${SUBDOMAIN_RULE}`));
  if (name.length > 63) causes.push(invalidValue(field, key, 'name part must be no more than 63 characters'));
  else if (!LABEL_NAME.test(name)) causes.push(invalidValue(field, key, KEY_RULE));
  return causes;
}

function stringMap(manifest: Manifest, field: 'labels' | 'annotations'): Record<string, string> {
  const map = manifest.metadata[field] ?? {};
  if (isRecord(map) && Object.values(map).every((value) => typeof value === 'string'))
    return map as Record<string, string>;
  throw StatusError.badRequest(
    `${manifest.kind} in version "${manifest.apiVersion}" cannot be handled as a ${manifest.kind}: json: cannot unmarshal into Go struct field ObjectMeta.metadata.${field} of type map[string]string`,
  );
}
