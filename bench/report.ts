// What a benchmark hands back, and how it is printed: one table, its notes, and on request one JSON object on the last line.

export interface Report {
  title: string;
  columns: string[];
  rows: string[][];
  /** What is included, and what is not. */
  notes: string[];
  json: Record<string, unknown>;
}

/** The person who started the benchmark can put it right: told in one line, without a stack. */
export class BenchInput extends Error {}

/** The value below which `share` of the values lie, nearest rank. NaN for no values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export const round = (value: number, digits = 1): number => Number(value.toFixed(digits));

export function printReport(report: Report): void {
  const lines = [report.columns, ...report.rows];
  const widths = report.columns.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const draw = (line: string[]): string =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ');
  console.log(`${report.title}\n`);
  console.log(draw(report.columns));
  console.log(widths.map((width) => '-'.repeat(width)).join('  '));
  for (const row of report.rows) console.log(draw(row));
  for (const note of report.notes) console.log(`\n${note}`);
}
