/**
 * Whether an image reference names one fixed thing: a full reference with a registry or `localhost`, and a tag other than
 * `latest` or a digest. `bitnami/` is refused as well: its versioned images moved to an unmaintained archive.
 */
export function isPinnedImage(reference: string): boolean {
  const match =
    /^(?<name>[a-z0-9.-]+(?::\d+)?(?:\/[a-z0-9._-]+)+)(?::(?<tag>[\w][\w.-]{0,127}))?(?<digest>@sha256:[0-9a-f]{64})?$/.exec(
      reference,
    );
  const { name, tag, digest } = match?.groups ?? {};
  if (name === undefined || /(^|\/)bitnami\//.test(name)) return false;
  const registry = name.split('/')[0] ?? '';
  if (registry !== 'localhost' && !/[.:]/.test(registry)) return false;
  return digest !== undefined || (tag !== undefined && tag !== 'latest');
}

/** What is asked of an image reference, for people. */
export const PINNED_IMAGE_RULE =
  'want a full image reference with a tag other than latest or a digest, and nothing from bitnami/';

/** Whether the image exists only where it was built and imported, so that no kubelet may try to pull it. */
export function isLocalImage(reference: string): boolean {
  return reference.startsWith('localhost/');
}

/** `Never` for images imported into the node, `IfNotPresent` for all others. */
export function pullPolicy(reference: string): 'Never' | 'IfNotPresent' {
  return isLocalImage(reference) ? 'Never' : 'IfNotPresent';
}
