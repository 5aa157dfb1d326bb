/**
 * Puts text on the clipboard; `false` when the browser refused, which it does without a click or key press just before.
 * Over plain HTTP `navigator.clipboard` does not exist, so the old way with a selected text field is the fallback.
 */
export async function copyText(text: string): Promise<boolean> {
  if (window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Refused (no permission, no focus): the old way may still be allowed.
    }
  }
  return copyBySelection(text);
}

function copyBySelection(text: string): boolean {
  const focused = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'offscreen';
  field.readOnly = true;
  document.body.append(field);
  field.select();
  let copied = false;
  // The listener makes the copied text exact: a text field would turn line ends into the system's own.
  const exact = (event: ClipboardEvent): void => {
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
    event.stopImmediatePropagation();
    copied = event.clipboardData !== null;
  };
  document.addEventListener('copy', exact, { capture: true, once: true });
  // Deprecated, and the only way on an insecure page.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- see above: navigator.clipboard does not exist there
  const allowed = document.execCommand('copy');
  document.removeEventListener('copy', exact, { capture: true });
  field.remove();
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  return allowed && copied;
}
