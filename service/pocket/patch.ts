import jsonPatch from 'fast-json-patch';
import { isRecord } from './kube-object.js';
import { StatusError } from './status-error.js';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';

/**
 * The object after a patch. A strategic merge is done as a merge patch: its merging of lists is missing here.
 * @throws StatusError 415 for another media type, 400 for a body that is no patch, 422 when it cannot be applied
 */
export function applyPatch(object: unknown, contentType: string, patch: unknown): unknown {
  const copy: unknown = structuredClone(object);
  const [mediaType = ''] = contentType.split(';');
  switch (mediaType.trim()) {
    case JSON_PATCH:
      return applyJsonPatch(copy, patch);
    case MERGE_PATCH:
    case STRATEGIC_PATCH:
      if (!isRecord(patch)) throw StatusError.badRequest('the patch is not a JSON object');
      return merge(copy, patch);
    default:
      throw StatusError.unsupportedMediaType([JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH]);
  }
}

function applyJsonPatch(object: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw StatusError.badRequest('error decoding patch: the patch is not a JSON array');
  try {
    return jsonPatch.applyPatch(object, patch as jsonPatch.Operation[], true).newDocument;
  } catch {
    throw StatusError.patchFailed();
  }
}

/** RFC 7396. */
function merge(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const merged: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(merged, key);
    else merged[key] = merge(merged[key], value);
  }
  return merged;
}
