import { MARK } from '../../render/render.js';

/** A Markdown document with the mark that makes it known as rendered. */
export function markdown(title: string, ...parts: readonly string[]): string {
  return `<!-- ${MARK} -->\n\n# ${title}\n\n${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** A table; cells are text without line breaks. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Commands that are run together. */
export function shell(...lines: readonly string[]): string {
  return ['```sh', ...lines, '```'].join('\n');
}

/** A list with a dot before each line; nothing for an empty one. */
export function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}
