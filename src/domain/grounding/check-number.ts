// A number of a claim against the figures of what it is said of, or what may be reckoned from them.
import { figuresMeant, type Near, wordsNear, wordsOf } from './attributes.ts';
import type { Finding } from './check-claim.ts';
import type { Clause } from './claim-clauses.ts';
import { isCount } from './counted.ts';
import { minuteOf } from './dates.ts';
import { extremes, superlativeOf } from './degrees.ts';
import { isDerived, namesAny, windowOf } from './derive.ts';
import { type EvidenceRecord, listOf } from './evidence-records.ts';
import { isFigure, isReckoned } from './match-number.ts';
import { findNumbers, type SaidNumber } from './numbers.ts';
import {
  comparesNamed,
  comparesPair,
  comparesWithin,
  DIFFERENCE,
  reckonings,
  type Series,
  sharesRecord,
  sharesWhole,
  sumOf,
  toSeries,
  wantsShare,
} from './reckoned.ts';
import { recordsOf, type Subject, subjectOf } from './subjects.ts';
import { isOfUser, isReckonedWithUser, isUsersWord } from './user-facts.ts';

export interface Around {
  claim: string;
  /** The claim with its names left blank. */
  plain: string;
  clause: Clause;
  numbers: readonly SaidNumber[];
  records: readonly EvidenceRecord[];
  question: string;
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
  const subject = narrowed(whole, words);
  if (subject.isExact) {
    if (isHeld(number, subject.records, near, words)) return null;
    if (isYearOf(number, claim, subject.records) || isNamed(number, subject.records, near)) return null;
  }
  if ((subject.isExact || subject.isSeveral) && isBetweenDays(number, subject.records)) return null;
  if ((isUsersWord(claim, question) || clause.things.length === 0) && isOfUser(number, question)) return null;
  if (isReckonedFrom(number, { ...around, near, words, subject: whole })) return null;
  const others = [...numbers.filter((other) => other !== number), ...findNumbers(question)];
  if (isDerived(asShare(number), { claim, own: whole.isExact || whole.isSeveral ? whole.records : [], all: records, near, others }))
    return null;
  return toFinding(number, near, subject);
}

function isHeld(number: SaidNumber, records: readonly EvidenceRecord[], near: readonly Near[], words: string): boolean {
  if (number.isRatio)
    return records.some(({ figures }) =>
      figures.some(
        (figure) => figure.about.some((word) => /ratio|factor|multiple|times|fold/.test(word)) && isFigure(number, figure, words),
      ),
    );
  if (figuresMeant(records, near, number).some(({ figure }) => isFigure(number, figure, words))) return true;
  // A precise number in a unit says by itself which sentence it is of: only what stands beside it there can be meant instead.
  if (number.unit === null || windowOf(number) > 0.03) return false;
  return records.some(
    (record) => record.isText && figuresMeant([record], near, number).some(({ figure }) => isFigure(number, figure, words)),
  );
}

/** A number that is a word of a figure's name: two days at home. */
const isNamed = (number: SaidNumber, records: readonly EvidenceRecord[], near: readonly Near[]): boolean =>
  number.bound === 'exact' &&
  records.some(
    ({ figures, isText }) =>
      !isText &&
      figures.some(
        ({ about }) =>
          about.includes(String(number.value)) && about.some((word) => near.some((said) => said.word === word && !/\d/.test(word))),
      ),
  );

function isYearOf(number: SaidNumber, claim: string, records: readonly EvidenceRecord[]): boolean {
  if (number.unit !== null || !/^(?:19|20)\d\d$/.test(number.shown)) return false;
  if (!/\b(?:in|since|of|by|from|until|to|during|and|year|through|at|before|after) $/i.test(claim.slice(0, number.at))) return false;
  return records.some(
    ({ days, words, figures }) =>
      days.some(({ year }) => year === number.value) ||
      words.includes(` ${number.shown} `) ||
      figures.some(({ about }) => about.includes(number.shown)),
  );
}

/** How long it is between two days or times of one record. */
function isBetweenDays(number: SaidNumber, records: readonly EvidenceRecord[]): boolean {
  if (number.unit?.dimension !== 'time' && number.unit?.dimension !== 'months') return false;
  const unit = number.unit;
  return records.some(({ days, list, isText }) => {
    const others = isText ? [] : records.filter((record) => listOf(record) === listOf({ list })).flatMap((record) => record.days);
    const at = [...new Set([...days, ...others].slice(0, 40).flatMap((day) => minuteOf(day) ?? []))];
    return at.some((a) =>
      at.some((b) => {
        if (b <= a) return false;
        if (unit.dimension === 'time') return isReckoned(number, (b - a) * 60, { dimension: 'time', factor: 1 });
        return isReckoned(number, (b - a) / 43_830, { dimension: 'months', factor: 1 });
      }),
    );
  });
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
  if (seriesOf(said, own, reckoning).some((series) => isOfSeries(said, claim, series, clause.things.length === 0))) return true;
  if (isCount(number, claim, own, records)) return true;
  const sets = clause.things.map((thing) => recordsOf(thing, claim));
  if (subject.isSeveral && comparesNamed(said, claim, sets)) return true;
  if (isUsersWord(claim, question) && isReckonedWithUser(said, own, near, question)) return true;
  if (own.some((record) => comparesWithin(said, claim, record, near))) return true;
  return sharesRecord(said, own, near) || sharesWhole(said, toSeriesOf(own, near), toSeries(records, near));
}

/** Of one named thing only its own figures, unless it is set against others. */
function seriesOf(said: SaidNumber, own: readonly EvidenceRecord[], { claim, near, records, clause }: Reckoning): Series[] {
  const lists = new Set(own.map(listOf));
  const isOfAny = clause.things.length === 0;
  const listed = own.length === 1 || isOfAny ? records.filter((record) => lists.has(listOf(record))) : own;
  const isAlone = own.length === 1 && clause.things.some(({ isWeak }) => !isWeak) && !said.isRatio;
  return toSeries(isAlone && !DIFFERENCE.test(claim) && !DIFFERS.test(claim) ? own : listed, near);
}

function isOfSeries(said: SaidNumber, claim: string, series: Series, isOfAny: boolean): boolean {
  const { values, unit } = series;
  if (comparesPair(said, claim, series)) return true;
  if (said.isRatio) return false;
  if (reckonings(claim, values).some((value) => isReckoned(said, value, unit))) return true;
  // Said of nothing in particular: of all of them.
  return isOfAny && !wantsShare(said) && isReckoned(said, sumOf(values), unit);
}

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
