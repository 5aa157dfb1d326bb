const PASTE_END = /\u001b\[20[01]~/g;

/**
 * Text from the clipboard as a terminal may have it: without the marks that would end a bracketed paste early and let
 * the rest of it run as commands.
 */
export function cleanPaste(text: string): string {
  let cleaned = text;
  // Removing one mark may put two halves of another together.
  while (PASTE_END.test(cleaned)) cleaned = cleaned.replace(PASTE_END, '');
  return cleaned;
}
