// Postings as CSV (RFC 4180) for a spreadsheet, which must read data in it as data and never as a formula.
import type { LedgerLine } from './ledger-page-store.ts';

const COLUMNS: readonly [name: string, of: (line: LedgerLine) => string | number | null][] = [
  ['posting', (line) => line.posting],
  ['journal', (line) => line.journal],
  ['occurred_at', (line) => line.at.toISOString()],
  ['mode', (line) => line.mode],
  ['kind', (line) => line.kind],
  ['account', (line) => line.account],
  ['debit', (line) => (line.amount_micros > 0n ? decimal(line.amount_micros) : null)],
  ['credit', (line) => (line.amount_micros < 0n ? decimal(-line.amount_micros) : null)],
  ['currency', (line) => line.currency],
  ['goal', (line) => line.goal],
  ['task', (line) => line.task],
  ['experiment', (line) => line.experiment],
  ['offer', (line) => line.offer],
  ['agent', (line) => line.agent],
  ['tool', (line) => line.tool],
  ['model', (line) => line.model],
  ['customer', (line) => line.customer],
  ['market_day', (line) => line.marketDay],
  ['assumed', (line) => (line.assumed ? 'yes' : null)],
  ['source', (line) => line.source],
  ['external_id', (line) => line.externalId],
  ['memo', (line) => line.memo],
];

/** Exact, in units of the currency: 12.5 or 0.000125. */
function decimal(micros: bigint): string {
  const fraction = (micros % 1_000_000n).toString().padStart(6, '0').replace(/0+$/, '');
  return `${micros / 1_000_000n}${fraction === '' ? '' : `.${fraction}`}`;
}

/** A text that a spreadsheet would run (=, +, -, @, tab, return first) gets an apostrophe before it. */
export function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** @param next the lines behind the journal of that number; none ends the file */
export function streamCsv(next: (after: number) => Promise<LedgerLine[]>): ReadableStream<Uint8Array> {
  const text = new TextEncoder();
  let after = 0;
  return new ReadableStream({
    start: (controller) => controller.enqueue(text.encode(`${COLUMNS.map(([name]) => name).join(',')}\r\n`)),
    pull: async (controller) => {
      const lines = await next(after);
      const last = lines.at(-1);
      if (last === undefined) return controller.close();
      after = last.journal;
      const rows = lines.map((line) => COLUMNS.map(([, of]) => csvCell(of(line))).join(','));
      controller.enqueue(text.encode(`${rows.join('\r\n')}\r\n`));
    },
  });
}
