import type { Cell, Finding } from './finding.js';
import type { Absence } from './terminal.js';

export interface Report {
  readonly findings: readonly Finding[];
  readonly absent: readonly Absence[];
  readonly remarks: readonly string[];
}

type Row = readonly string[];

/** The figures for people: medians, ratios to Berth, goals, and what each row means. */
export function renderTable({ findings, absent, remarks }: Report, style: 'text' | 'markdown'): string {
  const names = [...new Set(findings.flatMap(({ cells }) => cells.map(({ contender }) => contender)))];
  const everywhere = names.filter((name) => isColumn(name, findings));
  const notes: string[] = [];
  const rows = findings.map((finding): Row => {
    const beside = finding.cells.filter(({ contender }) => !everywhere.includes(contender));
    const reference = finding.cells[0]?.value;
    const note = [
      ...(finding.note === undefined ? [] : [finding.note]),
      ...beside.map((cell) => `${cell.contender}: ${show(cell, finding, reference)}.`),
    ].join(' ');
    if (note !== '' && !notes.includes(note)) notes.push(note);
    const mark = note === '' ? '' : ` [${notes.indexOf(note) + 1}]`;
    const values = everywhere.map((name) => {
      const cell = finding.cells.find(({ contender }) => contender === name);
      return cell === undefined ? '–' : show(cell, finding, reference);
    });
    return [`${finding.title}${mark}`, ...values, verdict(finding)];
  });
  const table = layOut([['measure', ...everywhere, 'goal'], ...rows], style);
  const footer = [
    'Medians; in brackets: how many times Berth’s figure.',
    ...notes.map((note, index) => `[${index + 1}] ${note}`),
    ...absent.map(({ name, reason }) => `Not measured: ${name} – ${reason}.`),
    ...remarks,
  ];
  return `${table}\n\n${footer.join(style === 'markdown' ? '  \n' : '\n')}\n`;
}

/** A contender of one row alone is told in its note. */
function isColumn(name: string, findings: readonly Finding[]): boolean {
  const rows = findings.filter(({ cells }) => cells.some(({ contender }) => contender === name)).length;
  return rows > 1 || name === 'Berth' || findings.length === 1;
}

function show({ contender, value, remark }: Cell, { unit, cells }: Finding, reference: number | undefined): string {
  if (value === undefined) return remark ?? '–';
  const isReference = cells[0]?.contender === contender || reference === undefined || reference <= 0;
  const ratio = isReference ? '' : ` (×${digits(value / reference)})`;
  return `${digits(value)} ${unit}${ratio}${remark === undefined ? '' : `, ${remark}`}`;
}

function digits(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

function verdict({ goal }: Finding): string {
  if (goal === undefined) return 'a report';
  if (goal.met === undefined) return `${goal.text}: not judged`;
  return `${goal.text}: ${goal.met ? 'met' : '**not met**'}`;
}

function layOut(rows: readonly Row[], style: 'text' | 'markdown'): string {
  const [head = [], ...body] = rows;
  if (style === 'markdown') {
    const line = (row: Row): string => `| ${row.join(' | ')} |`;
    return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
  }
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.replaceAll('**', '').padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
