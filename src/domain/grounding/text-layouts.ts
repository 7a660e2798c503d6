// Layouts of plain text that tools print: log lines, columns kept apart by spaces, wrapped lines, numbers with decimal commas.
import type { Json } from '../../core/canonical-json.ts';
import type { Fields } from './text-shapes.ts';

const LOG_LINE = /^\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)\]?\s+(\S.*)$/;
const LEVEL = /^\[?(TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|ERR|FATAL|CRITICAL)\]?:?\s+/i;
const PAIR = /([A-Za-z_][\w.-]*)=("[^"]*"|\S+)/g;
const SOURCE = /^\[?([A-Za-z][\w.-]*)(?:\[\d+\])?\]?:?\s+/;

/** Numbers of a report: 84,210 and (21,480) for a minus. */
const GROUPED = /^(\()?-?\d{1,3}(?:,\d{3})*(?:\.\d+)?\)?$/;
const asCell = (cell: string): Json => {
  if (/^-?\d+(?:\.\d+)?$/.test(cell) && !/^0\d/.test(cell)) return Number(cell);
  const grouped = GROUPED.exec(cell);
  if (grouped === null || /^0\d/.test(cell)) return cell.replace(/^"(.*)"$/, '$1');
  return Number(cell.replace(/[(),]/g, '')) * (grouped[1] === undefined ? 1 : -1);
};

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
    // The first word is who speaks where it is marked, or pairs follow; elsewhere it is a word of the message.
    const isMarked = source !== undefined && (/[-._:[\]]/.test(body.slice(0, source.length + 1)) || /=/.test(body));
    if (isMarked && !body.startsWith(`${source}=`)) event['source'] = source;
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

const SPOKEN = /^\[?(\d{1,2}:\d\d(?::\d\d)?(?: ?[ap]m)?)\]?\s*[-–]?\s*([\p{L}][\p{L}\p{N} .()'’-]{0,50}):\s+(\S.*)$/iu;

/** Lines of a conversation: when, who, what. */
export function asTalk(text: string): Json | null {
  const lines = text
    .trim()
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  const parts = lines.map((line) => SPOKEN.exec(line.trim()));
  if (lines.length < 2 || parts.some((part) => part === null)) return null;
  return parts.map((part) => ({ time: part?.[1] ?? '', speaker: part?.[2] ?? '', text: part?.[3] ?? '' }));
}

/** A header and rows whose cells stand apart by two spaces or more. */
export function asColumns(raw: readonly string[]): { rows: Fields[]; rest: string[] } | null {
  const lines = raw.map((line) => line.replaceAll('\t', '    ').replace(/\b([A-Z]{3}|[$€£]) {1,3}(?=\d)/g, '$1 '));
  for (const [at, line] of lines.entries()) {
    const header = cellsOf(line);
    if (!isHeader(header)) continue;
    const below = lines.slice(at + 1).filter((other) => !isRule(other));
    const end = below.findIndex((row) => {
      const cells = cellsOf(row);
      return cells.length < 2 || cells.length > header.length + 1 || !/\d/.test(row);
    });
    const body = end < 0 ? below : below.slice(0, end);
    if (body.length < 2) continue;
    // Names of rows may stand under no header.
    const isNamed = body.some((row) => (cellsOf(row)[0]?.end ?? 0) < (header[0]?.at ?? 0) - 1);
    const rows = body.map((row) => {
      const [first, ...others] = cellsOf(row);
      const cells = isNamed ? others : [...(first === undefined ? [] : [first]), ...others];
      const named = isNamed && first !== undefined ? [['name', first.text] as const] : [];
      return Object.fromEntries([...named, ...cells.map((cell) => [columnOf(cell, header)?.text ?? '', asCell(cell.text)] as const)]);
    });
    const taken = new Set([line, ...body]);
    return { rows, rest: lines.filter((other) => !taken.has(other)) };
  }
  return null;
}

/** Lines that were wrapped, and words broken at their end, are put together again. */
const LEADER = /^\s*(\S.{0,40}?)\s*(?:\.{3,}|…+|:\s{2,})\s*(\S+)\s*$/;

/** Lines of a name, dots and a value; and what else there is. */
export function asLeaders(text: string): { rows: Fields[]; rest: string } | null {
  const lines = text.split(/\r?\n/);
  const rows = lines.flatMap((line) => {
    const [, name, value = ''] = LEADER.exec(line) ?? [];
    return name === undefined ? [] : [{ name, count: asCell(value) }];
  });
  return rows.length < 2 ? null : { rows, rest: lines.filter((line) => !LEADER.test(line)).join('\n') };
}

/** A table drawn with bars, and the lines around it. */
export function asBars(text: string): { table: string; rest: string } | null {
  const lines = text.split(/\r?\n/);
  const isRow = (line: string): boolean => /^\s*\|.*\|\s*$/.test(line) || /^\s*\+[-+=]+\+\s*$/.test(line);
  const rows = lines.filter(isRow);
  return rows.length < 3 || rows.length === lines.filter((line) => line.trim() !== '').length
    ? null
    : { table: rows.join('\n'), rest: lines.filter((line) => !isRow(line)).join('\n') };
}

export function unwrap(text: string): string {
  return text
    .replace(/(\p{Ll})-\n\s*(\p{Ll})/gu, '$1$2')
    .replace(/([\p{Ll}\p{N},)%])\n(?=(?:\p{Ll}+|\()[\s,.;)\p{Ll}])(?![\p{L}\d _/().-]{1,40}[:=])/gu, '$1 ');
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
