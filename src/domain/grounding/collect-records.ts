// Walks what a tool returned and collects its records: objects, rows, entries by name, clauses of prose.
import type { Json } from '../../core/canonical-json.ts';
import { addressesIn, plainAddress } from './addresses.ts';
import { findDays } from './dates.ts';
import { blankRecord, type EvidenceRecord, listOf } from './evidence-records.ts';
import { nameTokens } from './name-tokens.ts';
import { readProse } from './read-prose.ts';
import { idsOf, instantOf, inUnitsBeside, isAlike, NAMING, RATES, regionIn } from './read-values.ts';
import { shapeOf } from './shape-of-text.ts';
import { unwrap, withPoints } from './text-layouts.ts';
import { asHeadedRows, asRows, type Fields, isFields, isKeyedList, type TextClause, toTextClauses } from './text-shapes.ts';
import { unitOfKey } from './units.ts';
import { meanings, phraseOf, tokens } from './words.ts';

const LONG_TEXT = 90;
const MOST_RECORDS = 20_000;
const MOST_TEXT = 400_000;

export class Collector {
  readonly records: EvidenceRecord[] = [];
  private textLeft = MOST_TEXT;

  /** @param within what it lies in: its words and days hold for it too, its numbers do not. */
  open(list: string, name: string, within?: EvidenceRecord): EvidenceRecord {
    const record = blankRecord(
      list,
      phraseOf(name),
      nameTokens(name).map(({ text }) => text),
      within,
    );
    if (this.records.length < MOST_RECORDS) this.records.push(record);
    return record;
  }

  /** @param path names of the keys that lead here */
  walk(value: Json, into: EvidenceRecord, path: readonly string[]): void {
    if (Array.isArray(value)) this.walkList(value, into, path);
    else if (isFields(value)) this.walkFields(value, into, path);
    else this.addScalar(value, into, path);
  }

  private walkList(raw: readonly Json[], into: EvidenceRecord, path: readonly string[]): void {
    const list: readonly Json[] = asHeadedRows(raw) ?? raw;
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
    const from = this.records.length;
    const entries = Object.entries(value).toSorted(([, a], [, b]) => Number(typeof a === 'object') - Number(typeof b === 'object'));
    // An object like its own: another of the same kind, as `previous`.
    for (const [key, inner] of entries)
      if (isFields(inner) && isAlike(inner, value)) this.walk(inner, this.open(into.list, '', into.parent ?? undefined), [key]);
      else this.walk(inner, into, [...path, key]);
    inUnitsBeside(value, into, this.records.slice(from));
  }

  private addScalar(value: Json, into: EvidenceRecord, path: readonly string[]): void {
    if (typeof value === 'number') this.addNumber(value, into, path);
    if (typeof value === 'boolean') into.labels.push({ about: meanings(path.join(' ')), value: String(value), words: [] });
    if (typeof value === 'string') this.addText(value, into, path);
    if (value === null) into.labels.push({ about: meanings(path.join(' ')), value: ' none ', words: [] });
  }

  private addNumber(value: number, into: EvidenceRecord, path: readonly string[]): void {
    const words = tokens(path.at(-1) ?? '');
    const instant = instantOf(value, words);
    if (instant !== null) {
      into.days.push({ ...instant, about: meanings(path.join(' ')) });
      return;
    }
    const isNaming = NAMING.has(words.at(-1) ?? '');
    const unit = RATES.test(path.join(' ')) ? null : unitOfKey(words);
    into.figures.push({ about: meanings(path.join(' ')), value, unit, ...(isNaming ? { isNaming } : {}) });
    // A number that names: `goalId: 3` is goal 3, and all that lies in it is of goal 3.
    if (!isNaming) return;
    const kind = words.filter((word) => word !== 'id').at(-1) ?? '';
    into.words += phraseOf(`${path.join(' ')} ${value}`) + phraseOf(`${kind} ${value}`);
    into.own.add(`#${value}`);
  }

  private addText(raw: string, into: EvidenceRecord, path: readonly string[]): void {
    if (raw.includes('://') || raw.includes('@') || raw.includes('www.'))
      into.addresses.push(...addressesIn(raw.slice(0, this.textLeft)).map(({ shown }) => plainAddress(shown)));
    const text = withPoints(raw.slice(0, this.textLeft));
    this.textLeft -= text.length;
    const shaped = shapeOf(text);
    const isWhole = shaped !== null && shaped.rest === null;
    // Ids name what all the lines are of, but not what an object says.
    if (!isWhole && text.includes('\n')) for (const id of idsOf(text)) into.context.add(id);
    if (shaped === null) this.addPlain(text, into, path);
    else this.walk(shaped.value, into, isWhole ? path : [...path, 'rows']);
    if (shaped !== null && shaped.rest !== null) this.addProse(shaped.rest, into, path);
  }

  private addPlain(text: string, into: EvidenceRecord, path: readonly string[]): void {
    const plain = text.trim();
    if (plain !== '' && /^-?\d[\d.]*$/.test(plain) && Number.isFinite(Number(plain)) && path.length > 0)
      this.addNumber(Number(plain), into, path);
    if (text.length <= LONG_TEXT && !text.includes('\n')) this.addLabel(text, into, meanings(path.join(' ')));
    else this.addProse(text, into, path);
  }

  private addProse(text: string, into: EvidenceRecord, path: readonly string[]): void {
    // What the first lines name is what the whole is about, where a sentence names nothing else.
    let title: readonly string[] = [];
    const sections = text.split(/^(?=#{1,6} \S)/m);
    if (sections.length > 2) {
      for (const section of sections) this.addSection(section, into, path);
      return;
    }
    const paragraphs = text.split(/\n[ \t]*\n/).filter((part) => part.trim() !== '');
    if (paragraphs.length > 1) {
      for (const part of paragraphs) title = this.addParagraph(part, into, path, title);
      return;
    }
    for (const [at, clause] of toTextClauses(unwrap(text)).entries()) {
      const record = this.addClause(clause, into, `${into.list}/${path.join('.')} text`);
      if (at < 2) title = [...title, ...clause.names];
      else if (clause.owner.every((name) => title.includes(name))) {
        record.owner = [];
        for (const name of title) record.context.add(name);
      }
    }
  }

  /**
   * Whom a paragraph begins with is whom its sentences are about that name nobody; where it begins with nobody, what the text begins with.
   * @returns what the text begins with
   */
  private addParagraph(part: string, into: EvidenceRecord, path: readonly string[], title: readonly string[]): readonly string[] {
    const clauses = toTextClauses(unwrap(part));
    const lead = clauses[0]?.owner ?? [];
    for (const clause of clauses) {
      const record = this.addClause(clause, into, `${into.list}/${path.join('.')} text`);
      if (clause.owner.length === 0) for (const name of lead.length > 0 ? lead : title) record.context.add(name);
    }
    return title.length > 0 ? title : (clauses[0]?.names ?? []);
  }

  /** What stands under a heading is of what the heading names. */
  private addSection(section: string, into: EvidenceRecord, path: readonly string[]): void {
    const [, heading = ''] = /^#{1,6} (.+)$/m.exec(section) ?? [];
    const record = this.open(`${into.list}/${path.join('.')} section`, '', into);
    record.isText = true;
    this.readText(heading, record, []);
    record.figures = [];
    record.words += phraseOf(heading);
    for (const { text: name } of nameTokens(heading)) record.own.add(name);
    this.addProse(section.replace(/^#{1,6} .*\n?/, ''), record, path);
  }

  private addLabel(text: string, into: EvidenceRecord, about: readonly string[]): void {
    into.words += phraseOf(text);
    const region = regionIn(text, about);
    if (region !== null) this.addLabel(region, into, about);
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
    record.addresses = addressesIn(text).map(({ shown }) => plainAddress(shown));
    record.words += phraseOf(text) + phraseOf(from);
    record.own = new Set(names);
    record.owner = owner;
    this.readText(text, record, []);
    return record;
  }

  private readText(text: string, into: EvidenceRecord, about: readonly string[]): void {
    const { days, figures, changes } = readProse(text, about);
    into.days.push(...days);
    into.figures.push(...figures);
    into.changes.push(...changes);
  }
}
