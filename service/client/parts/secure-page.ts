/** Whether what is typed here crosses a network in the clear: plain HTTP, and not to this very machine. */
export function isExposed(location: Pick<Location, 'protocol' | 'hostname'>): boolean {
  if (location.protocol === 'https:') return false;
  const host = location.hostname.replace(/^\[|\]$/g, '');
  return !(host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(\.\d+){3}$/.test(host));
}
