// Reads a log of purchases (customer, date, quantity, amount) from a file as shops export it: any separator, header or none.
import { BenchInput } from './report.ts';

export interface Purchase {
  customer: string;
  /** Days since 1970. */
  day: number;
  quantity: number;
  amount: number;
}

const NAMES = {
  customer: /^(customer|client|buyer|user|cust|id)/i,
  date: /^(date|day|time|invoice_?date|order_?date)/i,
  quantity: /^(quantity|qty|count|units|number|cds)/i,
  amount: /^(amount|value|revenue|total|sales|spend|price|dollars)/i,
} as const;

type Columns = Record<keyof typeof NAMES, number>;

/** `20261122`, `2026-11-22`, with or without a time of day behind it, as days since 1970; null for anything else. */
function dayOf(text: string | undefined): number | null {
  const [, year, month, day] = /^(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?:[T ].*)?$/.exec(text ?? '') ?? [];
  if (year === undefined) return null;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const isReal = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day) && Number(year) >= 1900;
  return isReal ? Math.round(date.getTime() / 86_400_000) : null;
}

/** The fields of a line; a quoted one may hold the separator. */
function splitLine(line: string, separator: string | RegExp): string[] {
  if (!line.includes('"'))
    return line
      .trim()
      .split(separator)
      .map((field) => field.trim());
  const fields = [''];
  let quoted = false;
  for (const letter of line.trim()) {
    if (letter === '"') quoted = !quoted;
    else if (!quoted && (typeof separator === 'string' ? letter === separator : separator.test(letter))) fields.push('');
    else fields[fields.length - 1] += letter;
  }
  return fields.map((field) => field.trim());
}

const separatorOf = (line: string): string | RegExp => [',', ';', '\t', '|'].find((one) => line.includes(one)) ?? /\s+/;

/** Columns by the names of a header, or by where the date stands: the customer comes first, quantity and amount follow the date. */
function findColumns(head: readonly string[], first: readonly string[]): Columns {
  const hasHeader = head.every((field) => dayOf(field) === null);
  const date = first.findIndex((field) => dayOf(field) !== null);
  if (date < 0) throw new BenchInput(`no column holds a date like 20261122: ${first.join(' | ').slice(0, 120)}`);
  if (!hasHeader) return { customer: date === 0 ? 1 : 0, date, quantity: date + 1, amount: date + 2 };
  const named = (name: keyof typeof NAMES, otherwise: number): number => {
    const at = head.findIndex((field) => NAMES[name].test(field));
    return at < 0 ? otherwise : at;
  };
  const columns = { customer: named('customer', 0), date, quantity: named('quantity', -1), amount: named('amount', -1) };
  if (columns.amount >= 0) return columns;
  return { ...columns, quantity: date + 1, amount: date + 2 };
}

/** @throws BenchInput naming the line that cannot be read */
export function readPurchases(text: string): Purchase[] {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== '' && !line.startsWith('#'));
  const [head, next] = lines;
  if (head === undefined) throw new BenchInput('the file is empty');
  const separator = separatorOf(head.line);
  const header = splitLine(head.line, separator);
  const isHeader = header.every((field) => dayOf(field) === null);
  if (isHeader && next === undefined) throw new BenchInput('the file has a header and no purchases');
  const columns = findColumns(header, isHeader && next !== undefined ? splitLine(next.line, separator) : header);
  return lines.slice(isHeader ? 1 : 0).map(({ line, number }) => readLine(splitLine(line, separator), columns, number, line));
}

function readLine(fields: readonly string[], columns: Columns, number: number, line: string): Purchase {
  const bad = (what: string): BenchInput => new BenchInput(`line ${number}: ${what}: ${line.slice(0, 100)}`);
  const customer = fields[columns.customer] ?? '';
  if (customer === '') throw bad('no customer');
  const day = dayOf(fields[columns.date]);
  if (day === null) throw bad('no date like 20261122');
  const numberAt = (column: number): number => {
    const text = column < 0 ? '1' : (fields[column] ?? '').replaceAll(/[$\s]|,(?=\d{3}\b)/g, '');
    const value = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
    if (!Number.isFinite(value)) throw bad('no number where quantity or amount should be');
    return value;
  };
  return { customer, day, quantity: numberAt(columns.quantity), amount: numberAt(columns.amount) };
}
