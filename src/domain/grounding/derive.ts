// What may be reckoned from figures. How likely a hit is by chance decides: a precise number may be found further afield than a vague one.
import { figuresMeant, keyOf, type Near, scoreFigure } from './attributes.ts';
import { type EvidenceRecord, listOf } from './evidence-records.ts';
import { isReckoned, isSaidOf } from './match-number.ts';
import type { SaidNumber } from './numbers.ts';
import { membersOf, subsetsOf } from './subsets.ts';
import type { Unit } from './units.ts';
import { isSameDimension, toBase } from './units.ts';

export interface Term {
  value: number;
  unit: Unit | null;
  key: string;
  /** How well the claim names it. */
  score: number;
  record: EvidenceRecord | null;
}

const NAMED = 0.3;
const MOST_TERMS = 36;
const MOST_OF_LIST = 200;

/** The part of all numbers of its size that would pass for this one. */
export function windowOf({ value, place, bound, unit, isRatio, outOf }: SaidNumber): number {
  if (value === 0) return 1;
  const exact = (outOf === undefined ? place : 1 / outOf) / Math.abs(value);
  if (bound === 'about') return Math.max(exact, 0.12);
  if (bound !== 'exact') return 0.6;
  // A share is one of a hundred at best.
  return Math.max(exact, isRatio || unit?.dimension === 'share' ? 0.01 : 0.0002);
}

const isShare = ({ unit }: SaidNumber): boolean => unit?.dimension === 'share';
const areAlike = (a: Unit | null, b: Unit | null): boolean =>
  a === null || b === null ? a === b || (a ?? b)?.factor === 1 : isSameDimension(a, b);
/** In the unit of the first. */
const inUnitOf = (a: Term, b: Term): number => (a.unit !== null && b.unit !== null ? toBase(b.value, b.unit) / a.unit.factor : b.value);

export const SUMS =
  /\b(?:totall?\w*|sum\w*|altogether|combined|together|overall|in all|across|collectively|both|add(?:s|ed|ing)? up|between them|plus|and|all|with|net|entire|whole|come to|comes to|came to|each)\b/i;
export const DIFFERS =
  /\b(?:more|less|fewer|higher|lower|greater|differen\w*|gap|ahead|behind|increas\w+|decreas\w+|grew|growth|grown|rose|rise|risen|fell|fall\w*|drop\w*|declin\w+|up|down|chang\w+|left|leav\w+|remain\w*|unspent|unused|free|room|exceed\w*|below|above|over|under|longer|shorter|cheaper|dearer|pricier|saves?d?|saving|apart|net|profit|margin|short|gained|lost|improv\w+|extra|additional|spread|lowered|raised|cut|raising|after|before|minus|without|excluding|not|another|added|keep|kept|took off|shed|narrow\w+|widen\w+|climb\w*|jump\w*|slid|shrank|shrunk|\w{3,}er than|by|missed|still|ago|later|earlier|slipp\w+)\b/i;
export const RATES =
  /\b(?:rates?|ratio|per|percent|share|of|in|out of|conver\w+|margin|roi|return|each|every|average\w*|full|times|as|account\w*|works? out|unused|complete|used|apiece|a piece|a head|makes? up|twice|half|third|quarter|double\w*|triple\w*|through|portion|utili[sz]\w+|on average|worked out)\b|%/i;
const MULTIPLIES =
  /\b(?:worth|cost\w*|total\w*|over|represent\w*|come to|comes to|came to|works? out|a year|annual\w*|yearly|a month|monthly|full|owe\w*|makes?|would|value\w*|weighted|adds? up|altogether|in all|bill\w*|per|a week|for|if|at|pay\w*|buys?|gets?|earn\w*|is about|equals?|expected)\b/i;

type Kind = 'exchange' | 'sum' | 'difference' | 'change' | 'ratio' | 'rate' | 'product';
const CUES: Record<Kind, RegExp> = {
  exchange: /./,
  sum: SUMS,
  difference: DIFFERS,
  change: DIFFERS,
  ratio: RATES,
  rate: RATES,
  product: MULTIPLIES,
};

/** Whether the number is this kind of reckoning of two terms. */
function isOfPair(said: SaidNumber, a: Term, b: Term, kind: Kind): boolean {
  const other = inUnitOf(a, b);
  const alike = areAlike(a.unit, b.unit);
  const scale = isShare(said) ? 100 : 1;
  switch (kind) {
    case 'sum':
      return alike && isReckoned(said, a.value + other, a.unit);
    case 'difference':
      return alike && isReckoned(said, a.value - other, a.unit);
    case 'change':
      return (
        isShare(said) &&
        alike &&
        [other, a.value].some((of) => of !== 0 && isSaidOf(said, (Math.abs(a.value - other) / Math.abs(of)) * 100))
      );
    case 'ratio': {
      if (!(isShare(said) || said.isRatio) || !alike || other === 0 || a.value === 0) return false;
      return [a.value / other, other / a.value].some((ratio) => [ratio, 1 - ratio].some((of) => of > 0 && isSaidOf(said, of * scale)));
    }
    case 'rate':
      if (isShare(said) || said.isRatio) return false;
      return (
        (other !== 0 && isReckoned(said, a.value / (alike ? other : b.value), alike ? null : a.unit)) ||
        (a.value !== 0 && isReckoned(said, b.value / a.value, alike ? null : b.unit))
      );
    case 'exchange':
      return isExchanged(said, a, b) || isExchanged(said, b, a);
    case 'product': {
      if (isShare(said) || said.isRatio) return false;
      const [of, times] = a.unit === null || (a.unit.dimension === 'share' && b.unit !== null) ? [b, a] : [a, b];
      if (times.unit !== null && times.unit.dimension !== 'share') return false;
      const factor = times.unit === null ? times.value : toBase(times.value, times.unit);
      return isReckoned(said, of.value * factor, of.unit) || (times.unit !== null && isReckoned(said, of.value * (1 - factor), of.unit));
    }
  }
}

/** Rates say how much of their own currency one of the base is. */
function isExchanged(said: SaidNumber, amount: Term, rate: Term): boolean {
  const [from, to] = [codeOf(amount.unit), codeOf(said.unit)];
  if (from === null || to === null || from === to || rate.unit !== null || rate.value === 0 || said.unit === null) return false;
  const of = rate.key.split(/[ |]/);
  if (of.includes(from)) return isReckoned(said, amount.value / rate.value, said.unit);
  return of.includes(to) && isReckoned(said, amount.value * rate.value, said.unit);
}

const codeOf = (unit: Unit | null): string | null =>
  unit === null || !unit.dimension.startsWith('money') ? null : unit.dimension === 'money' ? 'usd' : unit.dimension.slice(6);

const kindsFor = (said: SaidNumber): readonly Kind[] =>
  said.isRatio ? ['ratio'] : isShare(said) ? ['ratio', 'change', 'difference'] : ['difference', 'sum', 'rate', 'product', 'exchange'];

/** Whether some pair gives the number, and so few pairs that it is hardly by chance. */
function isOfPairs(
  said: SaidNumber,
  pairs: readonly (readonly [Term, Term])[],
  claim: string,
  limits: { cued: number; plain: number },
): boolean {
  const window = windowOf(said);
  return kindsFor(said).some((kind) => {
    const limit = CUES[kind].test(claim) ? limits.cued : limits.plain;
    return pairs.length * window <= limit && pairs.some(([a, b]) => isOfPair(said, a, b, kind));
  });
}

const pairsOf = (terms: readonly Term[]): [Term, Term][] => terms.flatMap((a, at) => terms.slice(at + 1).map((b): [Term, Term] => [a, b]));

export function termsOf(records: readonly EvidenceRecord[], near: readonly Near[]): Term[] {
  return records.flatMap((record) =>
    record.figures
      .filter(({ about }) => about.at(-1) !== 'many')
      .map((figure) => ({ value: figure.value, unit: figure.unit, key: keyOf(figure), score: scoreFigure(figure, near), record })),
  );
}

/** Sums of what a list (or the part of it that is meant) has under each key, and of products of two keys row by row. */
function totalsOf(records: readonly EvidenceRecord[], near: readonly Near[]): Term[] {
  const byKey = Map.groupBy(
    termsOf(
      records.filter(({ isText }) => !isText),
      near,
    ),
    ({ key }) => key,
  );
  return [...byKey].flatMap(([key, terms]) => {
    const [first] = terms;
    return first === undefined || terms.length < 2
      ? []
      : [{ ...first, key, value: terms.reduce((sum, { value }) => sum + value, 0), record: null }];
  });
}

/** What is left of the largest when others of the same kind, all named, are taken off. */
function isNet(said: SaidNumber, terms: readonly Term[], claim: string): boolean {
  if (isShare(said) || said.isRatio || !DIFFERS.test(claim)) return false;
  const named = terms.filter(({ score }) => score > NAMED).toSorted((a, b) => Math.abs(b.value) - Math.abs(a.value));
  return terms.slice(0, 8).some((whole) => {
    const parts = named.filter((term) => term !== whole && areAlike(whole.unit, term.unit)).slice(0, 4);
    for (let chosen = 1; chosen < 1 << parts.length; chosen += 1) {
      const off = parts.filter((_, at) => (chosen & (1 << at)) !== 0).reduce((sum, part) => sum + inUnitOf(whole, part), 0);
      if (isReckoned(said, whole.value - off, whole.unit)) return true;
    }
    return false;
  });
}

/** Sum of two keys' products over the rows: value by probability, price by stock. */
function isWeighted(said: SaidNumber, records: readonly EvidenceRecord[], near: readonly Near[], claim: string): boolean {
  if (isShare(said) || said.isRatio || !MULTIPLIES.test(claim)) return false;
  const rows = records.map((record) => termsOf([record], near).filter(({ unit, score }) => unit !== null || score > 0));
  const keys = [...new Set(rows.flatMap((row) => row.map(({ key }) => key)))].slice(0, 10);
  return keys.some((one, at) =>
    keys.slice(at + 1).some((other) => {
      let unit: Unit | null = null;
      const sum = rows.reduce((total, row) => {
        const [a, b] = [row.find(({ key }) => key === one), row.find(({ key }) => key === other)];
        unit ??= a?.unit ?? b?.unit ?? null;
        return total + (a?.value ?? 0) * (b?.value ?? 0);
      }, 0);
      return isReckoned(said, sum, unit) || isReckoned(said, sum / 100, unit);
    }),
  );
}

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

export function isDerived(said: SaidNumber, { claim, own, all, near, others }: Derivation): boolean {
  const window = windowOf(said);
  const terms = termsOf(own, near)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, MOST_TERMS);
  const spoken: Term[] = others
    .filter(({ isRatio, value }) => !isRatio && value !== 0)
    .map(({ value, unit }) => ({ value, unit, key: 'claim', score: 1, record: null }));
  const isOf = ({ value, unit }: Term): boolean => !said.isRatio && isReckoned(said, value, unit);
  // So much a month is twelve times that a year.
  const factors = SPANS.flatMap(([pattern, times]) => (pattern.test(claim) ? times : []));
  if ([...terms, ...spoken].some((term) => factors.some((factor) => term.unit !== null && isOf({ ...term, value: term.value * factor }))))
    return true;
  const [first] = own;
  const lists = new Set(own.filter(({ isText }) => !isText).map(listOf));
  const totals: Term[] = [];
  if (lists.size > 0 && first !== undefined) {
    const parts = [...lists].flatMap((list) => {
      const held = own.filter((record) => listOf(record) === list);
      const members = held.length > 1 ? held : [];
      return [
        { records: members, isSaid: true },
        ...subsetsOf(held.length > 1 ? held : membersOf(held[0] ?? first, all).slice(0, MOST_OF_LIST), claim),
      ];
    });
    for (const { records, isSaid } of parts) {
      if (!isSaid) continue;
      const sums = totalsOf(records, near);
      if (window <= 0.03 && sums.some((term) => (term.score > NAMED || term.unit !== null) && isOf(term))) return true;
      if (window <= 0.03 && sums.length > 1 && isNet(said, sums, claim)) return true;
      if (window <= 0.01 && isWeighted(said, records, near, claim)) return true;
      if (isOfPairs(said, pairsOf(sums.filter(({ score }) => score > 0)), claim, { cued: 1, plain: 0.02 })) return true;
      totals.push(...sums);
    }
  }
  if (isNet(said, terms, claim) && window * terms.length <= 0.5) return true;
  const within = pairsOf(terms).filter(([a, b]) => a.record === b.record || a.key === b.key);
  const both = within.filter(([a, b]) => a.score > NAMED && b.score > NAMED);
  if (isOfPairs(said, both, claim, { cued: 1.5, plain: 0.03 })) return true;
  if (
    isOfPairs(
      said,
      within.filter(([a, b]) => a.score > NAMED || b.score > NAMED),
      claim,
      { cued: 0.6, plain: 0.02 },
    )
  )
    return true;
  if (isOfPairs(said, within, claim, { cued: 0.2, plain: 0.01 })) return true;
  const mixed = [...terms, ...totals].slice(0, MOST_TERMS).flatMap((a) => spoken.map((b): [Term, Term] => [a, b]));
  if (isOfPairs(said, [...mixed, ...pairsOf(spoken)], claim, { cued: 0.3, plain: 0.01 })) return true;
  if (isOfPairs(said, pairsOf(terms), claim, { cued: 0.1, plain: 0.005 })) return true;
  // Two things told of in one text.
  const texts = new Set(own.filter(({ isText }) => isText).map(({ list }) => list));
  if (texts.size === 0 || (said.unit === null && !said.isRatio)) return false;
  const told = termsOf(
    all.filter(({ isText, list }) => isText && texts.has(list)),
    near,
  ).filter(({ unit }) => said.isRatio || isShare(said) || areAlike(unit, said.unit));
  return isOfPairs(
    said,
    pairsOf(told.slice(0, MOST_TERMS)).filter(([a, b]) => [a, b].some(({ record }) => record !== null && own.includes(record))),
    claim,
    { cued: 0.25, plain: 0.01 },
  );
}

export const namesAny = (records: readonly EvidenceRecord[], near: readonly Near[]): boolean =>
  figuresMeant(records, near, null).some(({ score }) => score > NAMED);
