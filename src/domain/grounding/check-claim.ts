// The grounding gate's one decision: is a claim borne out by what tools returned, against it, or neither.
import { isDeclaredAggregate } from './aggregates.ts';
import { attributeOf, figuresOf } from './attributes.ts';
import { type Clause, toClauses } from './claim-clauses.ts';
import { findThings, type Phrases, phrasesOf, type Thing } from './claim-names.ts';
import { checkStatements } from './claim-statements.ts';
import { findDays, isSameDay, weekdayOf } from './dates.ts';
import { type EvidenceRecord, type Figure, type ToolRecord, toRecords } from './evidence-records.ts';
import { isFigure } from './match-number.ts';
import { findNumbers, type SaidNumber } from './numbers.ts';

/** `contradicted`: the records say otherwise; `unverified`: they don't say. Neither may be shown as a fact. */
export type Verdict = 'supported' | 'contradicted' | 'unverified';

export interface Finding {
  /** The words it is about. */
  shown: string;
  verdict: Exclude<Verdict, 'supported'>;
  why: string;
}

export interface Evidence {
  records: readonly EvidenceRecord[];
  phrases: Phrases;
  /** What the user said: it may be repeated as theirs. */
  question: string;
}

/** Takes the tools' results apart once, for any number of claims. */
export function prepareEvidence(calls: readonly ToolRecord[], question = ''): Evidence {
  const records = toRecords(calls);
  return { records, phrases: phrasesOf(records), question };
}

/** @returns `supported` also for words that claim nothing that can be checked: no number, day, name, address or comparison. */
export function checkClaim(claim: string, evidence: Evidence): { verdict: Verdict; findings: Finding[] } {
  const { things, strangers } = findThings(claim, evidence);
  const findings: Finding[] = strangers.map(({ shown }) => ({ shown, verdict: 'unverified', why: 'no tool result of this run names it' }));
  const taken = [...things, ...strangers];
  const numbers = findNumbers(claim, (at) => taken.some((thing) => at >= thing.at && at < thing.end));
  for (const clause of toClauses(claim, numbers, things)) {
    for (const number of clause.numbers) {
      const finding = checkNumber(claim, number, clause, { numbers, things, evidence });
      if (finding !== null) findings.push(finding);
    }
  }
  findings.push(...checkDays(claim, things, evidence.records), ...checkTogether(things, evidence.records));
  if (findings.length === 0) findings.push(...checkStatements(claim, things, evidence.records));
  const verdict = findings.some((finding) => finding.verdict === 'contradicted')
    ? 'contradicted'
    : findings.length > 0
      ? 'unverified'
      : 'supported';
  return { verdict, findings };
}

/** The records that hold all things of a clause; categories and days narrow only where something is left. */
function narrow(records: readonly EvidenceRecord[], things: readonly Thing[]): { records: readonly EvidenceRecord[]; isExact: boolean } {
  const strong = things.filter(({ isWeak, isDay }) => !isWeak && !isDay);
  let left = records.filter((record) => strong.every(({ holds }) => holds(record)));
  let isExact = left.length > 0;
  if (left.length === 0) left = records.filter((record) => strong.some(({ holds }) => holds(record)));
  for (const thing of things.filter(({ isWeak, isDay }) => isWeak || isDay)) {
    const narrowed = left.filter(thing.holds);
    if (narrowed.length > 0) left = narrowed;
    else if (thing.isDay) isExact = false;
  }
  return { records: left, isExact };
}

interface Around {
  numbers: readonly SaidNumber[];
  things: readonly Thing[];
  evidence: Evidence;
}

function checkNumber(claim: string, number: SaidNumber, clause: Clause, { numbers, things, evidence }: Around): Finding | null {
  const { records, isExact } = narrow(evidence.records, clause.things);
  const index = numbers.indexOf(number);
  const neighbours = { before: numbers[index - 1]?.end ?? 0, after: numbers[index + 1]?.at ?? claim.length };
  const words = claim.slice(clause.at, clause.end);
  const attribute = attributeOf(claim, number, neighbours, records);
  if (isExact) {
    for (const record of records) if (holdsFigure(record, number, attribute, words)) return null;
    if (isYearOf(number, claim, records)) return null;
  }
  const anyOf = evidence.records.filter((record) => things.length === 0 || things.some(({ holds }) => holds(record)));
  const related = isExact && records.length > 1 ? records : anyOf;
  if (isDeclaredAggregate(number, claim, attribute, related, evidence.records)) return null;
  if (isOfUser(number, evidence.question)) return null;
  return verdictOf(number, attribute, records, isExact);
}

/** In a record that uses the very word, only what goes by that word is meant. */
function holdsFigure(record: EvidenceRecord, number: SaidNumber, attribute: string | null, words: string): boolean {
  if (number.isRatio)
    return record.figures.some(
      (figure) => figure.about.some((word) => /ratio|factor|multiple|times|fold/.test(word)) && isFigure(number, figure, words),
    );
  const meant = figuresOf(record.figures, attribute);
  return (meant.length > 0 ? meant : record.figures).some((figure) => isFigure(number, figure, words));
}

function isYearOf(number: SaidNumber, claim: string, records: readonly EvidenceRecord[]): boolean {
  if (number.unit !== null || !/^(?:19|20)\d\d$/.test(number.shown)) return false;
  if (!/\b(?:in|since|of|by|from|until|to|during|and|year|through) $/i.test(claim.slice(0, number.at))) return false;
  return records.some(({ days, words }) => days.some(({ year }) => year === number.value) || words.includes(` ${number.shown} `));
}

const isOfUser = (number: SaidNumber, question: string): boolean =>
  findNumbers(question).some(
    (asked) => asked.value === number.value && (asked.unit?.dimension ?? null) === (number.unit?.dimension ?? null),
  );

function verdictOf(number: SaidNumber, attribute: string | null, records: readonly EvidenceRecord[], isExact: boolean): Finding {
  const meant: readonly Figure[] = attribute === null ? [] : records.flatMap(({ figures }) => figuresOf(figures, attribute));
  const [recorded] = meant;
  if (isExact && recorded !== undefined && meant.length === 1)
    return {
      shown: number.shown,
      verdict: 'contradicted',
      why: `the record says ${recorded.about.map((word) => (word === 'many' ? 'count' : word)).join(' ')} ${recorded.value}`,
    };
  return { shown: number.shown, verdict: 'unverified', why: 'no record of what it is said of holds this number' };
}

/** A day that is said of something must be that thing's day, and its weekday the right one. */
function checkDays(claim: string, things: readonly Thing[], records: readonly EvidenceRecord[]): Finding[] {
  const findings: Finding[] = [];
  for (const day of findDays(claim)) {
    const weekday = /\b(monday|tuesday|wednesday|thursday|friday|saturday|sunday),? (?:the )?$/i
      .exec(claim.slice(0, day.at))?.[1]
      ?.toLowerCase();
    const recorded = records.flatMap(({ days }) => days).find((other) => isSameDay(day, other));
    const right = weekdayOf(day.year === null && recorded !== undefined ? { ...day, year: recorded.year } : day);
    if (weekday !== undefined && right !== null && weekday !== right)
      findings.push({ shown: day.shown, verdict: 'contradicted', why: `that day was a ${right}` });
    const named = things.filter((thing) => !thing.isDay && !thing.isWeak);
    if (named.length === 0 || !things.some((thing) => thing.isDay && thing.at === day.at)) continue;
    const theirs = records.filter((record) => named.some(({ holds }) => holds(record))).filter(({ days }) => days.length > 0);
    if (theirs.length > 0 && !theirs.some(({ days }) => days.some((other) => isSameDay(day, other))))
      findings.push({ shown: day.shown, verdict: 'contradicted', why: 'the record names another day' });
  }
  return findings;
}

/** Two things named as one ("Alice of Berlin") must meet in a record, unless the claim sets one against the other. */
function checkTogether(things: readonly Thing[], records: readonly EvidenceRecord[]): Finding[] {
  const named = things.filter((thing) => !thing.isDay && !thing.isWeak);
  const [first, second] = named;
  if (named.length !== 2 || first === undefined || second === undefined) return [];
  const meets = records.some((record) => first.holds(record) && second.holds(record));
  const canMeet = records
    .filter((record) => first.holds(record))
    .some(({ list }) => records.some((record) => record.list === list && second.holds(record) && !first.holds(record)));
  // Of one list and never in one record: two members of a list are compared, a member and another's property are not.
  const areMembers = records.some(
    (a) => first.holds(a) && records.some((b) => b !== a && b.list === a.list && second.holds(b) && sameLabel(a, b, first, second)),
  );
  if (meets || !canMeet || areMembers) return [];
  return [{ shown: `${first.shown} … ${second.shown}`, verdict: 'contradicted', why: 'no record holds both' }];
}

/** Whether both are named under the same word of their records: two names, two channels. */
function sameLabel(a: EvidenceRecord, b: EvidenceRecord, first: Thing, second: Thing): boolean {
  const under = (record: EvidenceRecord, thing: Thing): string[] =>
    record.labels
      .filter(({ value }) => thing.holds({ ...record, words: value, figures: [], labels: [], days: [] }))
      .map(({ about }) => about.join(' '));
  const words = new Set(under(a, first));
  return under(b, second).some((word) => words.has(word));
}
