// Rows that come as JSON inside another row, so that one statement brings what belongs together. By their columns' names they
// become what the same rows are when they come alone: *_micros bigint, moments Date.
import type { Selectable } from 'kysely';
import type { Tables } from './tables.ts';

const MOMENT = /(_at|_since|_until|^deadline|_deadline|^at)$/;

function reviveRow(row: Record<string, unknown>): Record<string, unknown> {
  for (const key of Object.keys(row)) {
    const value = row[key];
    if (typeof value === 'number' && key.endsWith('_micros')) row[key] = BigInt(value);
    else if (typeof value === 'string' && MOMENT.test(key)) row[key] = new Date(value);
  }
  return row;
}

/** What `to_json(table_row)` gave, as the row itself; null stays null. */
export function readJsonRow<Name extends keyof Tables>(_table: Name, row: unknown): Selectable<Tables[Name]> | null {
  return row === null || row === undefined ? null : (reviveRow(row as Record<string, unknown>) as Selectable<Tables[Name]>);
}

/** What `json_agg(table_row)` gave; null is no row at all. */
export function readJsonRows<Name extends keyof Tables>(_table: Name, rows: unknown): Selectable<Tables[Name]>[] {
  return ((rows ?? []) as Record<string, unknown>[]).map((row) => reviveRow(row) as Selectable<Tables[Name]>);
}
