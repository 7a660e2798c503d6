// Layouts of plain text that tools print: log lines, columns kept apart by spaces, wrapped lines, numbers with decimal commas.
import type { Json } from '../../core/canonical-json.ts';
import type { Fields } from './text-shapes.ts';

const LOG_LINE = /^\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)\]?\s+(\S.*)$/;
const LEVEL = /^\[?(TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|ERR|FATAL|CRITICAL)\]?:?\s+/i;
const PAIR = /([A-Za-z_][\w.-]*)=("[^"]*"|\S+)/g;
const SOURCE = /^\[?([A-Za-z][\w.-]*)(?:\[\d+\])?\]?:?\s+/;

const asCell = (cell: string): Json =>
  /^-?\d+(?:\.\d+)?$/.test(cell) && !/^0\d/.test(cell) ? Number(cell) : cell.replace(/^"(.*)"$/, '$1');

/** Lines that begin with a time are a list of events: level, source, the pairs of each, and its words. */
export function asLog(text: string): Json | null {
  const lines = text
    .trim()
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  const parts = lines.map((line) => LOG_LINE.exec(line.trim()));
  if (lines.length < 2 || parts.some((part) => part === null)) return null;
  return parts.map((part) => {
    const [, time = '', rest = ''] = part ?? [];
    const level = LEVEL.exec(rest)?.[1];
    const body = rest.replace(LEVEL, '');
    const source = SOURCE.exec(body)?.[1];
    const event: Fields = { time };
    if (level !== undefined) event['level'] = level;
    if (source !== undefined && !body.startsWith(`${source}=`)) event['source'] = source;
    for (const [, key = '', value = ''] of body.matchAll(PAIR)) event[key] = asCell(value);
    event['message'] = body.replace(PAIR, ' ').replace(/\s+/g, ' ').trim();
    return event;
  });
}

interface Cell {
  text: string;
  at: number;
  end: number;
}

const cellsOf = (line: string): Cell[] =>
  [...line.matchAll(/\S+(?: \S+)*/g)].map((match) => ({ text: match[0], at: match.index, end: match.index + match[0].length }));

/** The column a cell stands under: the one whose beginning or end it shares best. */
function columnOf(cell: Cell, header: readonly Cell[]): Cell | undefined {
  const apart = (column: Cell): number =>
    Math.min(Math.abs(column.at - cell.at), Math.abs(column.end - cell.end), Math.abs(column.at + column.end - cell.at - cell.end) / 2);
  return header.toSorted((a, b) => apart(a) - apart(b))[0];
}

const isRule = (line: string): boolean => /^[\s|:+=-]*$/.test(line);
const isHeader = (cells: readonly Cell[]): boolean =>
  cells.length >= 2 && !cells.some(({ text }) => /^[\d$€£]/.test(text) || text.length > 30 || /[.:]$/.test(text));

/** A header and rows whose cells stand apart by two spaces or more. */
export function asColumns(raw: readonly string[]): { rows: Fields[]; rest: string[] } | null {
  const lines = raw.map((line) => line.replaceAll('\t', '    ').replace(/\b([A-Z]{3}|[$€£]) {1,3}(?=\d)/g, '$1 '));
  for (const [at, line] of lines.entries()) {
    const header = cellsOf(line);
    if (!isHeader(header)) continue;
    const below = lines.slice(at + 1).filter((other) => !isRule(other));
    const end = below.findIndex((row) => {
      const cells = cellsOf(row);
      return cells.length < 2 || cells.length > header.length || !/\d/.test(row);
    });
    const body = end < 0 ? below : below.slice(0, end);
    if (body.length < 2) continue;
    const rows = body.map((row) => Object.fromEntries(cellsOf(row).map((cell) => [columnOf(cell, header)?.text ?? '', asCell(cell.text)])));
    const taken = new Set([line, ...body]);
    return { rows, rest: lines.filter((other) => !taken.has(other)) };
  }
  return null;
}

/** Lines that were wrapped, and words broken at their end, are put together again. */
export function unwrap(text: string): string {
  return text.replace(/(\p{Ll})-\n\s*(\p{Ll})/gu, '$1$2').replace(/([\p{Ll}\p{N},)%])\n(?=[\p{Ll}(])/gu, '$1 ');
}

const DECIMAL_COMMA = /(?<![\d.,])\d{1,3}(?:\.\d{3})*,\d{2}(?![\d,])/;
const DECIMAL_POINT = /(?<![\d.,])\d+\.\d{1,2}(?![\d.])|\d,\d{3}(?!\d)/;

/** Numbers in the way of the continent (`1.035,00`), in a text that has no others, as `1,035.00`. */
export function withPoints(text: string): string {
  if (!DECIMAL_COMMA.test(text) || DECIMAL_POINT.test(text.replace(/\d{1,2}\.\d{1,2}\.(?:\d{4})?/g, ''))) return text;
  return text
    .replace(
      /(?<![\d.,])(\d{1,3}(?:\.\d{3})+)(?:,(\d+))?(?![\d.,]*\d)/g,
      (_, whole: string, part?: string) => whole.replaceAll('.', '') + (part === undefined ? '' : `.${part}`),
    )
    .replace(/(?<![\d.,])(\d+),(\d{1,2})(?![\d,])/g, '$1.$2');
}
