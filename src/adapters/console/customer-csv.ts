// All that is kept of a customer as CSV: one line a fact (what, which one, field, value), so that any spreadsheet takes all of it.
import type { Json } from '../../core/canonical-json.ts';
import { csvCell } from './ledger-csv.ts';

type Fact = [what: string, id: string, field: string, value: string];

export function customerCsv(held: Record<string, Json>): string {
  const facts: Fact[] = Object.entries(held).flatMap(([what, rows]) =>
    (Array.isArray(rows) ? rows : [rows]).flatMap((row, index) => factsOf(what.replace(/s$/, ''), row, index)),
  );
  return [['what', 'id', 'field', 'value'], ...facts].map((line) => `${line.map(csvCell).join(',')}\r\n`).join('');
}

function factsOf(what: string, row: Json, index: number): Fact[] {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return [];
  const id = typeof row['id'] === 'number' ? String(row['id']) : String(index + 1);
  return Object.entries(row).map(
    ([field, value]): Fact => [what, id, field, value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value)],
  );
}
