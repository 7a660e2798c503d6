// Shapes of what tools return: lists by name, tables in CSV or Markdown, lines of `key: value`, and prose in clauses that each speak of one thing.
import type { Json } from '../../core/canonical-json.ts';
import { nameTokens } from './name-tokens.ts';
import { isOrdinary } from './ordinary-words.ts';
import { isStop } from './words.ts';

const MOST_COLUMNS = 60;

export type Fields = { [key: string]: Json };
export const isFields = (value: Json | undefined): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

const isScalar = (value: Json | undefined): boolean => typeof value !== 'object' || value === null;
const isScalars = (value: Json | undefined): value is Json[] => Array.isArray(value) && value.every(isScalar);

function withNames(columns: readonly Json[], rows: readonly Json[]): Fields[] {
  const nameOf = (column: Json | undefined, at: number): string =>
    isFields(column) ? String(column['name'] ?? column['label'] ?? at) : String(column ?? at);
  return rows.map((row) => Object.fromEntries((row as Json[]).map((cell, at) => [nameOf(columns[at], at), cell])));
}

/** A table is a list of records: names of columns beside rows of cells, or a list of values for each column. */
export function asRows(value: Fields): Fields[] | null {
  const lists = Object.entries(value).filter((entry): entry is [string, Json[]] => Array.isArray(entry[1]));
  const rows = lists.find(([, list]) => list.length > 0 && list.every(isScalars))?.[1];
  const columns = lists.find(([key]) => /(?:columns|headers?|fields|names|metrics|dimensions)$/i.test(key))?.[1];
  if (rows !== undefined && columns !== undefined && rows.every((row) => (row as Json[]).length === columns.length))
    return withNames(columns, rows);
  const [first] = lists;
  const isParallel =
    lists.length > 1 &&
    lists.length === Object.keys(value).length &&
    lists.every(([, list]) => isScalars(list) && list.length > 1 && list.length === first?.[1].length);
  if (!isParallel || first === undefined) return null;
  return first[1].map((_, at) => Object.fromEntries(lists.map(([key, list]) => [key, list[at] ?? null])));
}

/** Rows of cells of which the first holds the names of the columns. */
export function asHeadedRows(list: readonly Json[]): Fields[] | null {
  const [header, ...rows] = list;
  if (!isScalars(header) || rows.length === 0 || header.length < 2 || new Set(header).size < header.length) return null;
  const isNames = header.every((cell) => typeof cell === 'string' && /^[\p{L}_][^.!?]{0,40}$/u.test(cell));
  return isNames && rows.every((row) => isScalars(row) && row.length === header.length) ? withNames(header, rows) : null;
}

/** `{ "offer_1": {…}, "offer_2": {…} }`: the keys are names, not words for figures. */
export function isKeyedList(value: Fields): boolean {
  const inner = Object.values(value);
  if (inner.length < 2 || !inner.every(isFields)) return false;
  const [first, ...rest] = inner.map((each) => new Set(Object.keys(each)));
  return rest.every((keys) => keys.intersection(first ?? keys).size * 2 > Math.max(keys.size, first?.size ?? 0));
}

const cellsOf = (line: string, by: string): string[] => {
  const plain = by === '|' ? line.trim().replace(/^\||\|$/g, '') : line;
  const parts = by === ',' ? (plain.match(/(?:"[^"]*"|[^,])+|(?<=,)(?=,|$)|^(?=,)/g) ?? []) : plain.split(by);
  return parts.map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
};

const asCell = (cell: string): Json => (/^-?\d+(?:\.\d+)?$/.test(cell) && !/^0\d/.test(cell) ? Number(cell) : cell);

/** A header and rows of as many cells, apart by `|`, tab, `;` or comma. */
export function asTable(text: string): Json | null {
  const lines = text
    .trim()
    .split(/\r?\n/)
    .filter((line) => !/^[\s|:+-]*$/.test(line));
  if (lines.length < 2) return null;
  for (const by of ['|', '\t', ';', ',']) {
    const [header = [], ...rows] = lines.map((line) => cellsOf(line, by));
    const isTable = header.length > 1 && header.length <= MOST_COLUMNS && rows.every((row) => row.length === header.length);
    if (!isTable || header.some((cell) => cell.length > 40 || /[.!?:]$/.test(cell))) continue;
    return rows.map((row) => Object.fromEntries(header.map((name, at) => [name === '' ? String(at) : name, asCell(row[at] ?? '')])));
  }
  return null;
}

/** Lines of `key: value`; keys that end in a number name a thing (`Disk 1: healthy`, `Volume 1 size: 14 TB`). */
export function asFields(text: string): Json | null {
  const lines = text
    .trim()
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  const pairs = lines.map((line) => /^\s*[-*•]?\s*([\p{L}][^:=]{0,40}?)\s*(?::\s|=)\s*(\S.*)$/u.exec(line));
  const found = pairs.filter((pair) => pair !== null);
  if (found.length < 2 || found.length * 4 < lines.length * 3) return null;
  const fields: Record<string, Json> = {};
  const things = new Map<string, Record<string, Json>>();
  for (const [at, pair] of pairs.entries()) {
    const [, key = `line ${at}`, value = lines[at] ?? ''] = pair ?? [];
    const [, thing, rest = ''] = /^(\p{L}[\p{L} ]* #?\d+)(?: (.+))?$/u.exec(key) ?? [];
    if (thing === undefined) fields[key] = asCell(value);
    else things.set(thing, { ...things.get(thing), name: thing, [rest || 'state']: asCell(value) });
  }
  return things.size === 0 ? fields : { ...fields, things: [...things.values()] };
}

export interface TextClause {
  text: string;
  /** What else of its sentence it goes on with. */
  from: string;
  names: string[];
  owner: string[];
}

const SENTENCE = /\n+|(?<=[.!?;]["”']?)\s+(?=[\p{Lu}\p{N}$"“'])|;\s+/u;
const CLAUSE = /,? (?:while|whereas|but|although|and)(?= (?:the |its |a )?\p{Lu}[\p{L}]+ (?!\p{Lu}))|, (?:while|whereas|but)(?= )/u;
const BACK = /^["“']?(?:its?|his|her|they|their|he|she|both|all|this|these|that|we|last year)\b/i;

/** Names are words with a capital letter, and what holds a digit. */
const namesOf = (text: string): string[] =>
  nameTokens(text)
    .filter(({ text: name, isCapital, at }, index, all) => {
      if (/\d/.test(name)) return true;
      if (!isCapital || isStop(name)) return false;
      // A sentence's first word is no name for its capital letter alone.
      const isOpening = index === 0 || /[.!?:]\s*["“]?$/.test(text.slice(0, at));
      return (
        !isOpening ||
        !isOrdinary(name) ||
        (all[index + 1]?.isCapital === true && /^[ -]$/.test(text.slice(all[index]?.end, all[index + 1]?.at)))
      );
    })
    .map(({ text: name }) => name);

const capitalsOf = (text: string): string[] =>
  nameTokens(text).flatMap(({ text: name, isCapital }) => (isCapital && !isStop(name) ? [name] : []));

/** Names among the first words: whom the clause is about. */
const ownerOf = (text: string): string[] => {
  if (BACK.test(text)) return [];
  const opening = text.split(/\s+/).slice(0, 3);
  return namesOf(
    opening
      .map((word, at) => (at === 0 && opening.length > 1 && /^(?:The|A|An|In|On|At|For|Of|Priced|After)$/.test(word) ? '' : word))
      .join(' '),
  );
};

/** `Bytesize ($300, 31 signups) and The Margin ($450, 12 signups)`: what stands in brackets is of the name before them. */
const BRACKETED = /(\p{Lu}[\p{L}\p{N}&.'’-]*(?: \p{Lu}?[\p{L}\p{N}&.'’-]+){0,3}) \(([^()]*\d[^()]*)\)/gu;

export function toTextClauses(text: string): TextClause[] {
  return text.split(SENTENCE).flatMap((sentence) => {
    if (sentence.trim() === '') return [];
    const named = [...sentence.matchAll(BRACKETED)];
    if (named.length > 1)
      return named.map(([whole, name = '']) => ({
        text: whole,
        from: '',
        names: [...capitalsOf(name), ...namesOf(whole)],
        owner: capitalsOf(name),
      }));
    const pieces = sentence.split(CLAUSE).filter((piece) => piece.trim() !== '');
    return pieces.map((piece, at) => {
      const own = namesOf(piece);
      const owner = ownerOf(piece.trim());
      const first = pieces[0] ?? '';
      // A clause that names nothing of its own goes on with the one before.
      const goesOn = at > 0 && owner.length === 0;
      return {
        text: piece,
        from: goesOn ? first : '',
        names: goesOn ? [...own, ...namesOf(first)] : own,
        owner: goesOn ? ownerOf(first) : owner,
      };
    });
  });
}
