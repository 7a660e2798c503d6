// Walks what a tool returned and collects its records: objects, rows, entries by name, clauses of prose.
import type { Json } from '../../core/canonical-json.ts';
import { type DayPattern, findDays } from './dates.ts';
import { type EvidenceRecord, type Figure, listOf } from './evidence-records.ts';
import { FALLING, RISING } from './match-number.ts';
import { findNumbers } from './numbers.ts';
import { asColumns, asLog, unwrap, withPoints } from './text-layouts.ts';
import { asFields, asRows, asTable, type Fields, isFields, isKeyedList, type TextClause, toTextClauses } from './text-shapes.ts';
import { findUnit, unitOfKey } from './units.ts';
import { meanings, nameTokens, phraseOf, tokens } from './words.ts';

const LONG_TEXT = 90;
/** Ids and named numbers count nothing. */
const CODE =
  /\b[A-Za-z]{1,12}[-_]?\d[\w-]*\b|\b\d+[a-z]+\d\w*\b|\b(?:Disk|Volume|Room|Phase|Step|Unit|Line|Site|Part|Zone|Gate|Route|Floor|Level|Batch|Shelf|Server|Node) \d+\b|\b\d+(?:\.\d+){2,}[\w-]*/g;
const NAMING = new Set(
  'id number day week month quarter year version no nr rank goal task order round issue run invoice ticket pr room chapter page level line'.split(
    ' ',
  ),
);
const MOST_RECORDS = 20_000;
const MOST_TEXT = 400_000;

export class Collector {
  readonly records: EvidenceRecord[] = [];
  private textLeft = MOST_TEXT;

  /** @param within what it lies in: its words and days hold for it too, its numbers do not. */
  open(list: string, name: string, within?: EvidenceRecord): EvidenceRecord {
    const record: EvidenceRecord = {
      list,
      isOld: within?.isOld ?? false,
      isText: false,
      words: (within?.words ?? '') + phraseOf(name),
      own: new Set(nameTokens(name).map(({ text }) => text)),
      context: new Set([...(within?.context ?? []), ...(within?.own ?? [])]),
      owner: [],
      figures: [],
      labels: [],
      days: [...(within?.days ?? [])],
    };
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
    into.figures.push({
      about: [...meanings(path.length > 0 ? path.join(' ') : listOf(into)), 'many'],
      value: list.length,
      unit: null,
    });
  }

  private walkFields(value: Fields, into: EvidenceRecord, path: readonly string[]): void {
    const rows = asRows(value);
    if (rows !== null) {
      this.walkList(rows, into, [...path, 'rows']);
      return;
    }
    if (isKeyedList(value)) {
      const name = `${into.list}/${path.join('.')}`;
      for (const [key, inner] of Object.entries(value)) {
        const record = this.open(name, key, into);
        record.labels.push({ about: ['name'], value: phraseOf(key), words: meanings(key) });
        record.days.push(...findDays(key).map((day) => ({ ...day, about: [] })));
        this.walk(inner, record, []);
      }
      return;
    }
    // Scalars first: what lies deeper inherits their words.
    const entries = Object.entries(value).toSorted(([, a], [, b]) => Number(typeof a === 'object') - Number(typeof b === 'object'));
    for (const [key, inner] of entries) this.walk(inner, into, [...path, key]);
    const { currency } = value;
    if (typeof currency === 'string') into.figures = into.figures.map((figure) => inCurrency(figure, currency));
  }

  private addScalar(value: Json, into: EvidenceRecord, path: readonly string[]): void {
    if (typeof value === 'number') this.addNumber(value, into, path);
    if (typeof value === 'boolean') into.labels.push({ about: meanings(path.join(' ')), value: String(value), words: [] });
    if (typeof value === 'string') this.addText(value, into, path);
  }

  private addNumber(value: number, into: EvidenceRecord, path: readonly string[]): void {
    const words = tokens(path.at(-1) ?? '');
    const instant = instantOf(value, words);
    if (instant !== null) {
      into.days.push({ ...instant, about: meanings(path.join(' ')) });
      return;
    }
    into.figures.push({ about: meanings(path.join(' ')), value, unit: RATES.test(path.join(' ')) ? null : unitOfKey(words) });
    // A number that names: `goalId: 3` is goal 3, and all that lies in it is of goal 3.
    if (!NAMING.has(words.at(-1) ?? '')) return;
    const kind = words.filter((word) => word !== 'id').at(-1) ?? '';
    into.words += phraseOf(`${path.join(' ')} ${value}`) + phraseOf(`${kind} ${value}`);
    into.own.add(`#${value}`);
  }

  private addText(raw: string, into: EvidenceRecord, path: readonly string[]): void {
    const text = withPoints(raw.slice(0, this.textLeft));
    this.textLeft -= text.length;
    const parsed = /^\s*[[{]/.test(text) ? parseJson(text) : undefined;
    const shaped = parsed ?? asLog(text) ?? asTable(text) ?? asFields(text);
    if (shaped !== null && shaped !== undefined) {
      this.walk(shaped, into, path);
      return;
    }
    if (text.includes('\n')) for (const id of idsOf(text)) into.context.add(id);
    const columns = text.includes('\n') ? asColumns(text.split(/\r?\n/)) : null;
    if (columns !== null) {
      this.walk(columns.rows, into, [...path, 'rows']);
      this.addProse(columns.rest.join('\n'), into, path);
      return;
    }
    const plain = text.trim();
    if (plain !== '' && /^-?\d[\d.]*$/.test(plain) && Number.isFinite(Number(plain)) && path.length > 0)
      this.addNumber(Number(plain), into, path);
    if (text.length <= LONG_TEXT && !text.includes('\n')) this.addLabel(text, into, meanings(path.join(' ')));
    else this.addProse(text, into, path);
  }

  private addProse(text: string, into: EvidenceRecord, path: readonly string[]): void {
    // What the first lines name is what the whole is about, where a sentence names nothing else.
    let title: readonly string[] = [];
    for (const [at, clause] of toTextClauses(unwrap(text)).entries()) {
      const record = this.addClause(clause, into, `${into.list}/${path.join('.')} text`);
      if (at < 2) title = [...title, ...clause.names];
      else if (clause.owner.length === 0) for (const name of title) record.context.add(name);
    }
  }

  private addLabel(text: string, into: EvidenceRecord, about: readonly string[]): void {
    into.words += phraseOf(text);
    const days = findDays(text);
    const isSentence = text.split(' ').length > 7 && /[.!?]$/.test(text);
    const names = nameTokens(text).filter(
      ({ at, isCapital }) => !days.some((day) => at >= day.at && at < day.end) && (!isSentence || isCapital),
    );
    if (days.length === 0 || names.length > 0) into.labels.push({ about, value: phraseOf(text), words: meanings(text) });
    for (const name of names) into.own.add(name.text);
    this.readText(text, into, about);
  }

  private addClause({ text, names, owner, from }: TextClause, into: EvidenceRecord, list: string): EvidenceRecord {
    const record = this.open(list, '', into);
    record.isText = true;
    record.words += phraseOf(text) + phraseOf(from);
    record.own = new Set(names);
    record.owner = owner;
    this.readText(text, record, []);
    return record;
  }

  private readText(text: string, into: EvidenceRecord, about: readonly string[]): void {
    const days = findDays(text);
    into.days.push(
      ...days.map(({ at, end, shown, ...day }) => ({
        ...day,
        about: about.length > 0 ? about : meanings(text.slice(Math.max(0, at - 40), at)),
      })),
    );
    if (/^-?\d[\d.]*$/.test(text.trim())) return;
    const codes = [...text.matchAll(CODE)].map((match) => ({ at: match.index, end: match.index + match[0].length }));
    const numbers = findNumbers(text, (at) => [...days, ...codes].some((part) => at >= part.at && at < part.end));
    for (const [index, number] of numbers.entries()) {
      const before = text.slice(numbers[index - 1]?.end ?? 0, number.at);
      const after = text.slice(number.end, numbers[index + 1]?.at ?? text.length);
      const near = meanings(`${before.split(/[.;]/).at(-1)?.slice(-60)} ${after.split(/[.;,]/)[0]?.slice(0, 40)}`);
      const isFall = FALLING.test(before);
      const trend = isFall === RISING.test(before) ? {} : { trend: isFall ? ('falls' as const) : ('rises' as const) };
      const of = [...about, ...near];
      // Two in five, half of them: a share.
      const part = number.outOf === undefined ? (number.isRatio && number.value < 1 ? number.value : null) : number.value / number.outOf;
      if (part !== null) into.figures.push({ about: of, value: part, unit: { dimension: 'share', factor: 1 } });
      into.figures.push({ about: of, value: number.value, unit: number.unit, ...trend });
    }
  }
}

/** What one piece of a currency is worth in another is no amount of it. */
const RATES = /\b(?:rates|fx|exchange)\b/i;
const INSTANT =
  /^(?:at|on|created|updated|time|timestamp|ts|date|start|started|end|ended|expires|expiry|due|until|since|last|modified|paid|opened|closed)$/;

/** Seconds or milliseconds since 1970 under a word for a time: a day in UTC. */
function instantOf(value: number, words: readonly string[]): DayPattern | null {
  if (!Number.isInteger(value) || !words.some((word) => INSTANT.test(word))) return null;
  const millis = value >= 1e9 && value < 4e9 ? value * 1000 : value >= 1e12 && value < 4e12 ? value : null;
  if (millis === null) return null;
  const date = new Date(millis);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    minutes: date.getUTCHours() * 60 + date.getUTCMinutes(),
  };
}

/** The ids in a text that is about one thing, or two. */
function idsOf(text: string): string[] {
  const ids = new Set(nameTokens(text).flatMap(({ text: name }) => (/\d{3}/.test(name) && /\p{L}/u.test(name) ? [name] : [])));
  return ids.size <= 2 ? [...ids] : [];
}

const AMOUNTS = new Set('amount total subtotal fee net gross price refunded refund balance paid due tax value cost'.split(' '));

/** Payment processors write the code of a currency small where amounts are in its smallest unit. */
function inCurrency(figure: Figure, currency: string): Figure {
  const unit = findUnit(currency);
  if (unit === null || figure.unit !== null || !figure.about.concat('amount').some((word) => AMOUNTS.has(word))) return figure;
  if (figure.about.length > 0 && !figure.about.some((word) => AMOUNTS.has(word))) return figure;
  const isSmallest = /^[a-z]{3}$/.test(currency) && Number.isInteger(figure.value);
  return { ...figure, unit: isSmallest ? { ...unit, factor: unit.factor / 100 } : unit };
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
