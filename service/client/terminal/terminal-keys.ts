/** What a key combination does for the page rather than for the shell. */
export type KeyCommand = 'copy' | 'paste' | 'search' | 'leave' | 'newline';

type Key = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'shiftKey' | 'metaKey' | 'altKey'>;

/** What Claude Code reads as "new line, do not send yet": Escape, then Return – as Option+Return does elsewhere. */
export const NEWLINE = '\u001b\r';

/** Shown in the help, in the order of the page. */
export const KEY_HELP: readonly (readonly [keys: string, does: string])[] = [
  ['Shift + Enter', 'New line without sending, e.g. in Claude Code'],
  ['Ctrl + Shift + C  (⌘ C)', 'Copy the selection'],
  ['Ctrl + Shift + V  (⌘ V)', 'Paste'],
  ['Ctrl + Shift + F  (⌘ F)', 'Search the output'],
  ['Ctrl + Shift + E', 'Leave the terminal for the list of sessions; Tab then moves on'],
  ['Shift + drag', 'Select while a program uses the mouse'],
];

/** The command for a key press; `undefined`: it is the shell's. `mac`: Command does what Ctrl+Shift does elsewhere. */
export function keyCommand(event: Key, mac: boolean): KeyCommand | undefined {
  const { ctrlKey, shiftKey, metaKey, altKey } = event;
  if (altKey) return undefined;
  if (event.key === 'Enter' && shiftKey && !ctrlKey && !metaKey) return 'newline';
  if (ctrlKey && shiftKey && !metaKey) {
    if (event.code === 'KeyC') return 'copy';
    if (event.code === 'KeyV') return 'paste';
    if (event.code === 'KeyF') return 'search';
    if (event.code === 'KeyE' || event.key === 'Escape') return 'leave';
  }
  if (mac && metaKey && !ctrlKey && !shiftKey) {
    if (event.code === 'KeyC') return 'copy';
    if (event.code === 'KeyV') return 'paste';
    if (event.code === 'KeyF') return 'search';
  }
  return undefined;
}
