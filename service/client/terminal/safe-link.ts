/** A link that output may carry, or `undefined` for any scheme but http and https (`javascript:` runs code, `file:` leaks). */
export function safeLink(uri: string): string | undefined {
  try {
    const { protocol, href } = new URL(uri);
    return protocol === 'http:' || protocol === 'https:' ? href : undefined;
  } catch {
    return undefined;
  }
}

/** Opens a link from the output in a tab that knows nothing of this one. */
export function openLink(uri: string): void {
  const href = safeLink(uri);
  if (href !== undefined) window.open(href, '_blank', 'noopener,noreferrer');
}
