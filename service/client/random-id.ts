/** 128 random bits in hex. `crypto.randomUUID` does not exist over plain HTTP, `getRandomValues` does. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
