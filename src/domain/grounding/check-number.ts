// A number of a claim against the figures of what it is said of, or what may be reckoned from them.
import { figuresMeant, type Near, wordsNear, wordsOf } from './attributes.ts';
import { latestOf } from './check-changes.ts';
import type { Finding } from './check-claim.ts';
import type { Clause } from './claim-clauses.ts';
import { isCount } from './counted.ts';
import { extremes, superlativeOf } from './degrees.ts';
import { isDerived, namesAny } from './derive.ts';
import { type EvidenceRecord, listOf } from './evidence-records.ts';
import { isGranted } from './granted.ts';
import { isAbove, isBetweenDays, isHeld, isNamed, isYearOf } from './held.ts';
import { isFigure, isReckoned } from './match-number.ts';
import {
  comparesNamed,
  comparesPair,
  comparesWithin,
  DIFFERENCE,
  reckonings,
  type Series,
  sharesWhole,
  sumOf,
  toSeries,
  wantsShare,
} from './reckoned.ts';
import type { SaidNumber } from './said-numbers.ts';
import { recordsOf, type Subject, subjectOf } from './subjects.ts';
import { windowOf } from './terms.ts';
import { isOfUser, isReckonedWithUser, isUsersWord } from './user-facts.ts';

export interface Around {
  claim: string;
  /** The claim with its names left blank. */
  plain: string;
  clause: Clause;
  numbers: readonly SaidNumber[];
  records: readonly EvidenceRecord[];
  question: string;
  askedNumbers: readonly SaidNumber[];
}

/** Where a claim speaks of what has most, that is the subject. */
function narrowed(subject: Subject, claim: string): Subject {
  const degree = superlativeOf(claim);
  if (degree === null || subject.records.length < 2) return subject;
  const lists = extremes(subject.records, degree).filter((best) => best.size < subject.records.length);
  const [best] = lists;
  if (best === undefined) return subject;
  const all = lists.reduce((sum, each) => sum.union(each), new Set<EvidenceRecord>());
  return { ...subject, records: subject.records.filter((record) => all.has(record)) };
}

export function checkNumber(number: SaidNumber, around: Around): Finding | null {
  const { claim, clause, numbers, records, question } = around;
  const words = claim.slice(clause.at, clause.end);
  const whole = subjectOf(clause.things, records, words);
  const nearby = wordsNear(around.plain, number, numbers, clause);
  // A clause that names no figure goes on with what the others speak of.
  const near = namesAny(whole.records, nearby) ? nearby : [...nearby, ...wordsOf(around.plain).map(({ word }) => ({ word, weight: 0.6 }))];
  const exact = narrowed(whole, words);
  const subject = { ...exact, records: [...latestOf(claim, exact.records)] };
  if (isOnRecord(number, around, subject, near) || isGranted(number, around, whole)) return null;
  if ((isUsersWord(claim, question) || clause.things.length === 0) && isOfUser(number, question)) return null;
  if (isAnothers(number, around, subject, near)) return toFinding(number, near, subject);
  const firm = clause.things.filter(({ isWeak, records: held }) => !isWeak || held.size === 1);
  const isLoose = firm.length < clause.things.length && windowOf(number) <= LOOSE;
  for (const meant of isLoose ? [whole, subjectOf(firm, records, words)] : [whole])
    if (isFigured(number, { ...around, near, words, subject: meant })) return null;
  return toFinding(number, near, subject);
}

/** Held as it was said, by what it is said of. */
function isOnRecord(
  number: SaidNumber,
  { claim, clause }: Around,
  { records, isExact, isSeveral }: Subject,
  near: readonly Near[],
): boolean {
  const words = claim.slice(clause.at, clause.end);
  const isExactly = isHeld(number, records, near, words) || isAbove(number, records, near, words);
  if (isExact && (isExactly || isYearOf(number, claim, records) || isNamed(number, records, near))) return true;
  return (
    (isExact || isSeveral) && isBetweenDays(number, [...new Set([...records, ...clause.things.flatMap((thing) => [...thing.records])])])
  );
}

/** So precise that it may be reckoned of more than a word in passing names. */
const LOOSE = 0.02;

/** What stands under the same word for another thing is that one's. */
function isAnothers(
  number: SaidNumber,
  { claim, clause, records }: Around,
  { records: own, isExact }: Subject,
  near: readonly Near[],
): boolean {
  const [record] = own;
  const named = clause.things.filter(({ isDay, isWeak, records: held }) => !isDay && (!isWeak || held.size === 1));
  if (number.unit?.dimension === 'time' || number.unit?.dimension === 'months') return false;
  if (
    !isExact ||
    own.length !== 1 ||
    record === undefined ||
    record.isText ||
    named.length !== 1 ||
    number.isRatio ||
    number.bound !== 'exact' ||
    DIFFERS.test(claim)
  )
    return false;
  const [best] = figuresMeant([record], near, number).filter(({ score }) => score > 0.5);
  if (best === undefined) return false;
  const key = best.figure.about.join(' ');
  return records.some(
    (other) =>
      other !== record &&
      listOf(other) === listOf(record) &&
      other.figures.some((figure) => figure.about.join(' ') === key && isFigure(number, figure, '')),
  );
}

/** Whether the number may be reckoned from what it is said of. */
function isFigured(number: SaidNumber, reckoning: Reckoning): boolean {
  const { numbers, askedNumbers, records, near, subject } = reckoning;
  // `over 8,000`: the word is of its bound, and says nothing of a difference.
  const claim = `${reckoning.claim.slice(0, number.at).replace(BOUND_WORD, '')}${reckoning.claim.slice(number.at)}`;
  const shift = claim.length - reckoning.claim.length;
  const said = { ...number, at: number.at + shift, end: number.end + shift };
  if (isReckonedFrom(said, { ...reckoning, claim })) return true;
  const others = [...numbers.filter((other) => other !== number), ...askedNumbers];
  return isDerived(asShare(said), { claim, own: subject.isExact || subject.isSeveral ? subject.records : [], all: records, near, others });
}

interface Reckoning extends Around {
  near: readonly Near[];
  words: string;
  subject: Subject;
}

/** Seven in ten is a share. */
const asShare = (number: SaidNumber): SaidNumber =>
  number.outOf === undefined ? number : { ...number, value: number.value / number.outOf, place: 1 / number.outOf, isRatio: true };

function isReckonedFrom(number: SaidNumber, reckoning: Reckoning): boolean {
  const { claim, question, near, subject, records, clause } = reckoning;
  const said = asShare(number);
  const own = subject.isExact || subject.isSeveral ? subject.records : [];
  const isNamed = own.length === 1 && clause.things.some(({ isWeak, isDay }) => !isWeak && !isDay);
  if (seriesOf(said, own, reckoning).some((series) => isOfSeries(said, claim, series, { isOfAny: clause.things.length === 0, isNamed })))
    return true;
  if (isCount(number, claim, own, records)) return true;
  const sets = clause.things.map((thing) => recordsOf(thing, claim));
  if (subject.isSeveral && comparesNamed(said, claim, sets)) return true;
  if (isUsersWord(claim, question) && isReckonedWithUser(said, own, near, question)) return true;
  if (own.some((record) => comparesWithin(said, claim, record, near))) return true;
  return sharesWhole(said, toSeriesOf(own, near), toSeries(records, near));
}

/** Of one named thing only its own figures, unless it is set against others. */
function seriesOf(said: SaidNumber, own: readonly EvidenceRecord[], { claim, near, records, clause }: Reckoning): Series[] {
  const lists = new Set(own.map(listOf));
  const isOfAny = clause.things.length === 0;
  const listed = own.length === 1 || isOfAny ? records.filter((record) => lists.has(listOf(record))) : own;
  const isAlone = own.length === 1 && clause.things.some(({ isWeak }) => !isWeak) && !said.isRatio;
  return toSeries(isAlone && !DIFFERENCE.test(claim) && !DIFFERS.test(claim) ? own : listed, near);
}

function isOfSeries(
  said: SaidNumber,
  claim: string,
  series: Series,
  { isOfAny, isNamed }: { isOfAny: boolean; isNamed: boolean },
): boolean {
  const { values, unit } = series;
  if (comparesPair(said, claim, series)) return true;
  if (said.isRatio || isNamed) return false;
  if (reckonings(claim, values).some((value) => isReckoned(said, value, unit))) return true;
  // Said of nothing in particular: of all of them.
  return isOfAny && !wantsShare(said) && isReckoned(said, sumOf(values), unit);
}

const BOUND_WORD = /\b(?:over|under|above|below|beyond|up to|at least|at most|(?:more|less|fewer|higher|lower|greater) than) ?[$€£]?$/i;
const DIFFERS = /\b(?:more|less|fewer|higher|lower|than|as)\b/i;

const toSeriesOf = (records: readonly EvidenceRecord[], near: readonly Near[]): ReturnType<typeof toSeries> =>
  figuresMeant(records, near, null).map(({ figure }) => ({
    key: `${figure.about.join(' ')}|${figure.unit?.dimension ?? ''}`,
    values: [figure.value],
    unit: figure.unit,
  }));

function toFinding(number: SaidNumber, near: readonly Near[], { records, isExact }: Subject): Finding {
  const meant = figuresMeant(records, near, number).filter(({ score }) => score > 0);
  const [only] = meant;
  if (isExact && only !== undefined && meant.length === 1)
    return {
      shown: number.shown,
      verdict: 'contradicted',
      why: `the record says ${only.figure.about.map((word) => (word === 'many' ? 'count' : word)).join(' ')} ${only.figure.value}`,
    };
  return { shown: number.shown, verdict: 'unverified', why: 'no record of what it is said of holds this number' };
}
