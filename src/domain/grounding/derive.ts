// What may be reckoned from figures, the likeliest first: a precise number may be found further afield than a vague one.
import { figuresMeant, type Near } from './attributes.ts';
import { type EvidenceRecord, listOf } from './evidence-records.ts';
import { isReckoned, isSaidOf } from './match-number.ts';
import { isOfPairs } from './pairs.ts';
import type { SaidNumber } from './said-numbers.ts';
import { membersOf, subsetsOf } from './subsets.ts';
import { areAlike, isShare, MOST_TERMS, NAMED, pairsOf, type Term, termsOf, totalsOf, windowOf } from './terms.ts';
import { isNet, isWeighted } from './totals.ts';

const MOST_OF_LIST = 200;
const MOST_NAMED = 12;

/** Times a year has months, an hour minutes: where the claim names the longer one. */
const SPANS: readonly (readonly [RegExp, readonly number[]])[] = [
  [/\b(?:a|per|full|one|each|whole) year\b|\bannual\w*|\byearly\b|\ba year['’]s\b/i, [12, 52, 365, 4]],
  [/\b(?:a|per|full|one|each|whole) month\b|\bmonthly\b/i, [1 / 12, 30, 4]],
  [/\b(?:a|per|full|one|each|whole) week\b|\bweekly\b/i, [7, 1 / 52]],
  [/\b(?:a|per|each|one) day\b|\bdaily\b/i, [1 / 7, 1 / 30, 1 / 31, 1 / 365, 24]],
  [/\b(?:a|per|an|each) hour\b|\bhourly\b/i, [60, 3600, 1 / 24]],
  [/\b(?:a|per|each) minute\b/i, [1 / 60, 60]],
];

export interface Derivation {
  claim: string;
  /** The records that are spoken of; and every record. */
  own: readonly EvidenceRecord[];
  all: readonly EvidenceRecord[];
  near: readonly Near[];
  /** Other numbers of the claim, and those the user said. */
  others: readonly SaidNumber[];
}

export function isDerived(said: SaidNumber, derivation: Derivation): boolean {
  const terms = termsOf(derivation.own, derivation.near)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, MOST_TERMS);
  const spoken: Term[] = derivation.others
    .filter(({ isRatio, value }) => !isRatio && value !== 0)
    .map(({ value, unit }) => ({ value, unit, key: 'claim', score: 1, record: null }));
  const totals: Term[] = [];
  return (
    isOfSpan(said, [...terms, ...spoken], derivation.claim) ||
    isOfLists(said, derivation, totals) ||
    isOfTerms(said, derivation, terms) ||
    isOfMixed(said, derivation, { terms, spoken, totals }) ||
    isOfSources(said, derivation)
  );
}

const isOf = (said: SaidNumber, { value, unit }: Term): boolean => !said.isRatio && isReckoned(said, value, unit);

/** So much a month is twelve times that a year. */
function isOfSpan(said: SaidNumber, terms: readonly Term[], claim: string): boolean {
  const factors = SPANS.flatMap(([pattern, times]) => (pattern.test(claim) ? times : []));
  return terms.some((term) => term.unit !== null && factors.some((factor) => isOf(said, { ...term, value: term.value * factor })));
}

/** The parts of lists that are spoken of. */
function partsOf({ claim, own, all }: Derivation): EvidenceRecord[][] {
  const lists = Map.groupBy(
    own.filter(({ isText }) => !isText),
    listOf,
  );
  return [...lists.values()].flatMap((held) => {
    const [first] = held;
    if (first === undefined) return [];
    const isSeveral = held.length > 1;
    const within = subsetsOf(isSeveral ? held : membersOf(first, all).slice(0, MOST_OF_LIST), claim).filter(({ isSaid }) => isSaid);
    return [...(isSeveral ? [held] : []), ...within.map(({ records }) => records)];
  });
}

/** @param totals the sums that were found on the way are added to it */
function isOfLists(said: SaidNumber, derivation: Derivation, totals: Term[]): boolean {
  const { claim, all, near } = derivation;
  const window = windowOf(said);
  return partsOf(derivation).some((records) => {
    const [first] = records;
    const sums = totalsOf(records, near);
    totals.push(...sums);
    if (first !== undefined && isPartOf(said, records.length, membersOf(first, all).length)) return true;
    if (window <= 0.03 && sums.some((term) => (term.score > NAMED || term.unit !== null) && isOf(said, term))) return true;
    if (window <= 0.03 && sums.length > 1 && isNet(said, sums, claim)) return true;
    if (window <= 0.01 && isWeighted(said, records, near, claim)) return true;
    const named = pairsOf(sums.filter(({ score }) => score > 0));
    return isOfPairs(said, named, claim, { cued: 1, plain: 0.02 });
  });
}

/** Two figures of one thing, or one figure of two; those that are named may be more. */
function isOfTerms(said: SaidNumber, { claim }: Derivation, terms: readonly Term[]): boolean {
  if (windowOf(said) * terms.length <= 0.5 && isNet(said, terms, claim)) return true;
  const within = pairsOf(terms).filter(([a, b]) => a.record === b.record || a.key === b.key);
  const either = within.filter(([a, b]) => a.score > NAMED || b.score > NAMED);
  const both = either.filter(([a, b]) => a.score > NAMED && b.score > NAMED);
  return (
    isOfPairs(said, both, claim, { cued: 1.5, plain: 0.03 }) ||
    isOfPairs(said, either, claim, { cued: 0.6, plain: 0.02 }) ||
    isOfPairs(said, within, claim, { cued: 0.2, plain: 0.01 })
  );
}

/** Figures with what else the claim or the user says, with totals, and with what all lies in. */
function isOfMixed(
  said: SaidNumber,
  { claim, own, near }: Derivation,
  { terms, spoken, totals }: { terms: readonly Term[]; spoken: readonly Term[]; totals: readonly Term[] },
): boolean {
  const parents = termsOf([...new Set(own.flatMap(({ parent }) => parent ?? []))], near);
  const telling = totals.filter(({ unit, score }) => unit !== null || score > 0);
  const above = telling.flatMap((a) => parents.map((b): [Term, Term] => [a, b]));
  const mixed = [...terms, ...totals].slice(0, MOST_TERMS).flatMap((a) => spoken.map((b): [Term, Term] => [a, b]));
  return (
    isOfPairs(said, pairsOf(spoken), claim, { cued: 1, plain: 0.05 }) ||
    isOfPairs(said, above, claim, { cued: 0.5, plain: 0.03 }) ||
    isOfPairs(said, [...mixed, ...pairsOf(spoken)], claim, { cued: 0.3, plain: 0.01 }) ||
    isOfPairs(said, pairsOf(terms), claim, { cued: 0.1, plain: 0.005 })
  );
}

/** One figure as two sources have it, and two things told of in one text. */
function isOfSources(said: SaidNumber, { claim, own, all, near }: Derivation): boolean {
  const isOwn = ([a, b]: readonly [Term, Term]): boolean => [a, b].some(({ record }) => record !== null && own.includes(record));
  if (said.unit !== null && !said.isRatio) {
    const named = termsOf(all, near).filter(({ score }) => score > NAMED);
    const apart = pairsOf(named.slice(0, MOST_NAMED)).filter(([a, b]) => a.record?.list !== b.record?.list && isOwn([a, b]));
    if (isOfPairs(said, apart, claim, { cued: 0.3, plain: 0 })) return true;
  }
  const texts = new Set(own.filter(({ isText }) => isText).map(({ list }) => list));
  if (texts.size === 0 || (said.unit === null && !said.isRatio)) return false;
  const told = termsOf(
    all.filter(({ isText, list }) => isText && texts.has(list)),
    near,
  ).filter(({ unit }) => said.isRatio || isShare(said) || areAlike(unit, said.unit));
  return isOfPairs(said, pairsOf(told.slice(0, MOST_TERMS)).filter(isOwn), claim, { cued: 0.25, plain: 0.01 });
}

/** So many of all there are, as a share. */
function isPartOf(said: SaidNumber, part: number, whole: number): boolean {
  if (whole < 2 || part === whole || !(isShare(said) || said.isRatio)) return false;
  return isSaidOf(said, (part / whole) * (isShare(said) ? 100 : 1));
}

export const namesAny = (records: readonly EvidenceRecord[], near: readonly Near[]): boolean =>
  figuresMeant(records, near, null).some(({ score }) => score > NAMED);
