import { stringify } from 'yaml';
import { MARK } from '../../render/render.js';

/** A file of a host, where it lies there. */
export interface NodeFile {
  /** Absolute, e.g. `/etc/sysctl.d/90-kubernetes.conf`. */
  readonly path: string;
  readonly text: string;
  /** Octal permissions. @default 0644 */
  readonly mode?: '0644' | '0600' | '0755' | '0700';
}

/** A text whose comments begin with `#`, with the mark that makes it known as rendered. */
export function marked(text: string): string {
  return `# ${MARK}\n${text}`;
}

/** YAML documents as one marked text; no line is folded, so that commands stay whole. */
export function yamlText(...documents: readonly object[]): string {
  return marked(documents.map((document) => stringify(document, { lineWidth: 0 })).join('---\n'));
}

/** A POSIX shell script that stops at the first failure. */
export function scriptText(purpose: string, lines: readonly string[]): string {
  return `#!/bin/sh\n# ${MARK}\n# ${purpose}\nset -eu\n${lines.join('\n')}\n`;
}
