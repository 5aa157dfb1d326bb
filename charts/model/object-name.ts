/** What Kubernetes asks of names that become DNS labels (RFC 1123). */
export const OBJECT_NAME_RULE = 'want at most 63 of a-z, 0-9 and -, starting and ending with a letter or digit';

/** Whether `name` is a DNS label. */
export function isObjectName(name: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name);
}
