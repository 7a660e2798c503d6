// What tools returned, taken apart into records: a record is what belongs to one thing, so that no number is lent to another.
import type { Json } from '../../core/canonical-json.ts';
import { type DayPattern, findDays } from './dates.ts';
import { findNumbers } from './numbers.ts';
import { type Unit, unitOfKey } from './units.ts';
import { meanings, phraseOf, tokens } from './words.ts';

export interface ToolRecord {
  tool: string;
  input: Json;
  output: Json;
  /** The call failed: what it returned proves nothing. */
  failed?: boolean;
}

export interface Figure {
  /** What the number is of: the words of its key, or of the text it stands in. */
  about: readonly string[];
  value: number;
  unit: Unit | null;
}

export interface Label {
  about: readonly string[];
  value: string;
}

export interface EvidenceRecord {
  /** Records of one list share it: only within it are sums, means and counts taken. */
  list: string;
  /** Everything it says in words, with the words of what it lies in: ` a b c `. */
  words: string;
  figures: Figure[];
  labels: Label[];
  days: RecordedDay[];
}

interface RecordedDay extends DayPattern {
  about: readonly string[];
}

const LONG_TEXT = 90;
const NAMING = new Set([
  'id',
  'number',
  'day',
  'week',
  'month',
  'quarter',
  'year',
  'version',
  'no',
  'nr',
  'rank',
  'goal',
  'task',
  'order',
  'round',
]);
const MOST_RECORDS = 20_000;
const MOST_TEXT = 400_000;

type Fields = { [key: string]: Json };
const isFields = (value: Json | undefined): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A table of columns and rows is a list of records. */
function asRows(value: Fields): Fields[] | null {
  const columns = value['columns'] ?? value['headers'];
  const { rows } = value;
  if (!(Array.isArray(columns) && Array.isArray(rows) && rows.every((row) => Array.isArray(row)))) return null;
  return rows.map((row) => Object.fromEntries((row as Json[]).map((cell, at) => [String(columns[at] ?? at), cell])));
}

/** `{ "offer_1": {…}, "offer_2": {…} }`: the keys are names, not words for figures. */
function isKeyedList(value: Fields): boolean {
  const inner = Object.values(value);
  if (inner.length < 2 || !inner.every(isFields)) return false;
  const [first = '', ...rest] = inner.map((each) => Object.keys(each).toSorted().join());
  return rest.every((keys) => keys === first);
}

class Collector {
  readonly records: EvidenceRecord[] = [];
  private textLeft = MOST_TEXT;

  /** @param within what it lies in: its words and days hold for it too, its numbers do not. */
  open(list: string, words: string, within?: EvidenceRecord): EvidenceRecord {
    const record = { list, words: (within?.words ?? '') + words, figures: [], labels: [], days: [...(within?.days ?? [])] };
    if (this.records.length < MOST_RECORDS) this.records.push(record);
    return record;
  }

  /** @param path names of the keys that lead here */
  walk(value: Json, into: EvidenceRecord, path: readonly string[]): void {
    if (Array.isArray(value)) this.walkList(value, into, path);
    else if (isFields(value)) this.walkFields(value, into, path);
    else this.addScalar(value, into, path);
  }

  private walkList(list: readonly Json[], into: EvidenceRecord, path: readonly string[]): void {
    const name = `${into.list}/${path.join('.')}`;
    for (const item of list) {
      if (typeof item === 'object' && item !== null) this.walk(item, this.open(name, '', into), []);
      else this.addScalar(item, into, path);
    }
    if (list.length > 0) into.figures.push({ about: [...meanings(path.join(' ')), 'many'], value: list.length, unit: null });
  }

  private walkFields(value: Fields, into: EvidenceRecord, path: readonly string[]): void {
    const rows = asRows(value);
    if (rows !== null) {
      this.walkList(rows, into, [...path, 'rows']);
      return;
    }
    if (isKeyedList(value)) {
      const name = `${into.list}/${path.join('.')}`;
      for (const [key, inner] of Object.entries(value)) this.walk(inner, this.open(name, phraseOf(key), into), []);
      return;
    }
    // Scalars first: what lies deeper inherits their words.
    const entries = Object.entries(value).toSorted(([, a], [, b]) => Number(typeof a === 'object') - Number(typeof b === 'object'));
    for (const [key, inner] of entries) this.walk(inner, into, [...path, key]);
  }

  private addScalar(value: Json, into: EvidenceRecord, path: readonly string[]): void {
    const key = path.join(' ');
    if (typeof value === 'number') {
      const words = tokens(path.at(-1) ?? '');
      into.figures.push({ about: meanings(key), value, unit: unitOfKey(words) });
      // A number that names: `goalId: 3` is goal 3, and all that lies in it is of goal 3.
      if (NAMING.has(words.at(-1) ?? ''))
        into.words += phraseOf(`${key} ${value}`) + phraseOf(`${words.filter((word) => word !== 'id').join(' ')} ${value}`);
    }
    if (typeof value === 'boolean') into.labels.push({ about: meanings(key), value: String(value) });
    else if (typeof value === 'string') this.addText(value, into, path);
  }

  private addText(raw: string, into: EvidenceRecord, path: readonly string[]): void {
    const text = raw.slice(0, this.textLeft);
    this.textLeft -= text.length;
    const parsed = /^\s*[[{]/.test(text) ? parseJson(text) : undefined;
    if (parsed !== undefined) {
      this.walk(parsed, into, path);
      return;
    }
    if (text.length <= LONG_TEXT && !text.includes('\n')) {
      into.words += phraseOf(text);
      into.labels.push({ about: meanings(path.join(' ')), value: phraseOf(text) });
      this.readText(text, into, meanings(path.join(' ')));
      return;
    }
    const name = `${into.list}/${path.join('.')} text`;
    for (const sentence of text.split(/\n+|(?<=[.!?;])\s+(?=[\p{Lu}\p{N}$"“])/u)) {
      if (sentence.trim() === '') continue;
      const record = this.open(name, phraseOf(sentence), into);
      this.readText(sentence, record, []);
    }
  }

  private readText(text: string, into: EvidenceRecord, about: readonly string[]): void {
    const days = findDays(text);
    into.days.push(...days.map(({ year, month, day }) => ({ year, month, day, about })));
    const plain = text.trim() !== '' && Number.isFinite(Number(text));
    const words = about.length > 0 && !/\p{L}{3}.*\p{L}{3}/u.test(text) ? about : [...about, ...meanings(text)];
    for (const number of findNumbers(text, (at) => days.some((day) => at >= day.at && at < day.end)))
      into.figures.push({ about: words, value: number.value, unit: plain ? null : number.unit });
  }
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/**
 * Records of every call that succeeded. The words of a call's input name what was asked about; its numbers are no evidence: a model wrote them.
 */
export function toRecords(calls: readonly ToolRecord[]): EvidenceRecord[] {
  const collector = new Collector();
  for (const [index, call] of calls.entries()) {
    if (call.failed === true || isFailure(call.output)) continue;
    collector.walk(call.output, collector.open(`${index} ${call.tool}`, phraseOf(wordsOf(call.input))), []);
  }
  return collector.records;
}

/** A result that says of itself that it is an error. */
const isFailure = (output: Json): boolean =>
  isFields(output) &&
  ((typeof output['error'] === 'string' && output['error'] !== '') || output['isError'] === true || output['ok'] === false);

/** Strings of an input, in which an identifier keeps its number (`offer_8`) and a bare number is dropped. */
function wordsOf(value: Json): string {
  if (typeof value === 'string') return /^[\d.,$%\s]*$/.test(value) ? '' : value.slice(0, 200);
  if (Array.isArray(value)) return value.map(wordsOf).join(' ');
  if (isFields(value)) return Object.values(value).map(wordsOf).join(' ');
  return '';
}
