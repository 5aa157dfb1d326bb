/** Characters a title may have; more is cut. */
const TITLE_LENGTH = 120;

/** A title from the output as text for people: no control characters, none that turn the direction of writing, not long. */
export function cleanTitle(title: string): string {
  const plain = title.replace(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return plain.length > TITLE_LENGTH ? `${plain.slice(0, TITLE_LENGTH - 1)}…` : plain;
}
