// A table of opportunities as CSV (RFC 4180): a header with names we know, one opportunity a line. What cannot be read is told with its line. Pure.
import { LIMITS } from './limits.ts';
import { NOTHING_TOLD, type Told, told } from './told.ts';

export const CSV_COLUMNS = [
  'name',
  'sells',
  'buyer',
  'category',
  'channel',
  'price',
  'unit_cost',
  'visitor_cost',
  'capital',
  'days',
  'effort',
  'automation',
  'scalability',
  'risk',
  'needs',
] as const;
type Column = (typeof CSV_COLUMNS)[number];

export const MOST_ROWS = 200;

export interface ReadRow {
  /** From 1, without the header. */
  row: number;
  text: string;
  told: Told;
}

/** Commas or semicolons, whichever the header has; quotes hold a field together, doubled inside. */
export function readCsv(text: string): { rows: ReadRow[]; problems: string[] } {
  const head = text.slice(0, text.search(/\r?\n|$/));
  const lines = splitCsv(text.replace(/^\uFEFF/, ''), head.includes(';') && !head.includes(',') ? ';' : ',');
  const [header = [], ...body] = lines.filter((line) => line.some((field) => field.trim() !== ''));
  const names = header.map((name) =>
    name
      .trim()
      .toLowerCase()
      .replaceAll(/[\s-]+/g, '_'),
  );
  const strange = names.filter((name) => !CSV_COLUMNS.some((known) => known === name));
  if (!names.includes('name'))
    return { rows: [], problems: [`the first line must name the columns, "name" among them: ${CSV_COLUMNS.join(', ')}`] };
  const problems = strange.length === 0 ? [] : [`columns nobody knows: ${strange.map((name) => name.slice(0, 40)).join(', ')}`];
  if (body.length > MOST_ROWS) problems.push(`only the first ${MOST_ROWS} of ${body.length} rows were read`);
  const rows: ReadRow[] = [];
  for (const [index, fields] of body.slice(0, MOST_ROWS).entries()) {
    const cells = new Map(names.map((name, at) => [name as Column, (fields[at] ?? '').trim()]));
    const read = readRow(cells);
    if (typeof read === 'string') problems.push(`row ${index + 1}: ${read}`);
    else rows.push({ row: index + 1, text: fields.join(' | ').slice(0, 300), told: read });
  }
  return { rows, problems };
}

function readRow(cells: ReadonlyMap<Column, string>): Told | string {
  const cell = (name: Column): string => cells.get(name) ?? '';
  const amount = (name: Column): number | null => (cell(name) === '' ? null : Number(cell(name).replace(/^\$/, '').replace(/%$/, '')));
  const share = (name: Column): number | null => {
    const value = amount(name);
    return value !== null && cell(name).endsWith('%') ? value / 100 : value;
  };
  const parsed = told.safeParse({
    ...NOTHING_TOLD,
    name: cell('name'),
    sells: cell('sells'),
    buyer: cell('buyer'),
    category: cell('category'),
    channel: cell('channel'),
    priceUsd: amount('price'),
    unitCostUsd: amount('unit_cost'),
    visitorCostUsd: amount('visitor_cost'),
    capitalUsd: amount('capital'),
    daysToFirstDollar: amount('days'),
    effortHours: amount('effort'),
    automation: share('automation'),
    scalability: cell('scalability') === '' ? null : cell('scalability').toLowerCase(),
    risk: share('risk'),
    capabilities: listOf(cell('needs')),
    breaks: LIMITS.filter((limit) => listOf(cell('needs')).includes(limit)),
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `${issue?.path.join('.') ?? ''} ${issue?.message ?? 'cannot be read'}`.trim();
}

const listOf = (cell: string): string[] =>
  cell
    .split(/[|,;]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

function splitCsv(text: string, comma: string): string[][] {
  const lines: string[][] = [];
  let fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (quoted && sign === '"' && text.charAt(at + 1) === '"') {
      field += '"';
      at += 1;
    } else if (sign === '"' && (quoted || field === '')) quoted = !quoted;
    else if (!quoted && sign === comma) {
      fields.push(field);
      field = '';
    } else if (!quoted && sign === '\n') {
      lines.push([...fields, field.replace(/\r$/, '')]);
      [fields, field] = [[], ''];
    } else field += sign;
  }
  return [...lines, [...fields, field]];
}
