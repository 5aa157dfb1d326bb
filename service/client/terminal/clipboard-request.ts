/** What a program may put on the clipboard at once, in bytes after decoding. */
export const CLIPBOARD_LIMIT = 1024 * 1024;

/**
 * The text of an OSC 52 sequence (`selection;base64`), or `undefined` when it is none to obey.
 *
 * The selection may be empty: Claude Code sends it so. A query (`?`) is never answered: what is on a person's clipboard
 * is not the shell's to read.
 */
export function readClipboardRequest(data: string): string | undefined {
  const separator = data.indexOf(';');
  if (separator < 0 || !/^[cpqs0-7]*$/.test(data.slice(0, separator))) return undefined;
  const encoded = data.slice(separator + 1);
  if (encoded === '' || encoded === '?' || encoded.length > (CLIPBOARD_LIMIT * 4) / 3 + 4) return undefined;
  try {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
