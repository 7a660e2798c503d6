// A number as it was said: how exactly, in what unit, and for each of what.
import { findUnit, type Unit } from './units.ts';

/** How it was said: `about 250` and `over 250` claim less than `250`. */
export type Bound = 'exact' | 'about' | 'over' | 'under' | 'atLeast' | 'atMost';

export interface SaidNumber {
  at: number;
  end: number;
  shown: string;
  value: number;
  /** The place of the last digit shown: 0.1 in 4.2, 100,000 in 3.2M. What is rounded to it is said truly. */
  place: number;
  unit: Unit | null;
  bound: Bound;
  /** `three times`, `twice`, `half`: a ratio of two records. */
  isRatio: boolean;
  /** `seven in ten`: seven of this many. */
  outOf?: number;
  /** So much for each of this: `a pound`, `per month`. */
  per?: string;
  /** A minus sign was written. */
  isNegative: boolean;
}

const BOUNDS: readonly (readonly [RegExp, Bound])[] = [
  [
    /(?:\b(?:about|around|roughly|approximately|approx\.?|circa|nearly|almost|close to|(?:just|slightly|a little|little|a bit|a touch|a shade|well) (?:over|under|more than|less than|below|above|north of)|some|or so|in the region of)|[~≈]) ?$/i,
    'about',
  ],
  [/\b(?:at least|no (?:less|fewer) than|minimum of) $/i, 'atLeast'],
  [/(?<!\badd(?:s|ed|ing)? |\bcomes? |\bcame |\bsums? |\bamount(?:s|ed)? )\b(?:at most|up to|no more than|maximum of) $/i, 'atMost'],
  [/\b(?:over|above|exceed(?:s|ed|ing)?|beyond|upwards of|(?:more|greater|higher|longer|larger|better) than) $/i, 'over'],
  [/\b(?:under|below|(?:less|fewer|lower|shorter|smaller) than) $/i, 'under'],
];

export const boundBefore = (text: string, at: number): Bound => {
  const before = text.slice(Math.max(0, at - 32), at).replace(/(?:\ban? |[A-Z]{3} |[A-Z]*[$€£] ?)$/, '');
  return BOUNDS.find(([pattern]) => pattern.test(before))?.[1] ?? 'exact';
};

const BOUNDS_AFTER: readonly (readonly [RegExp, Bound])[] = [
  [/^(?: \p{L}+)? or (?:more|above|higher|over|longer|better|newer|later)\b|^ ?\+(?!\d)| (?:and (?:up|above|over))\b/u, 'atLeast'],
  [/^(?: \p{L}+)? or (?:less|fewer|below|lower|under|shorter|cheaper|earlier)\b/u, 'atMost'],
];

/** `6 or more`. */
export const withBoundAfter = (text: string, number: SaidNumber): SaidNumber => {
  const bound =
    number.bound === 'exact' ? BOUNDS_AFTER.find(([pattern]) => pattern.test(text.slice(number.end, number.end + 24)))?.[1] : undefined;
  return bound === undefined ? number : { ...number, bound };
};

const PER = /^ ?(?:a|an|per|each|\/) ?([a-z]{1,10})\b/i;

/** `over three days` may be how long, or longer. */
const isPeriod = ({ bound, unit, place, value }: SaidNumber): boolean =>
  bound === 'over' && (unit?.dimension === 'time' || unit?.dimension === 'months') && unit.factor >= 1 && place === 1 && value <= 31;

export function withPer(text: string, plain: SaidNumber): SaidNumber {
  const number: SaidNumber = isPeriod(plain) ? { ...plain, bound: 'atLeast' } : plain;
  const per = number.unit?.dimension.startsWith('money') ? PER.exec(text.slice(number.end, number.end + 16))?.[1] : undefined;
  return per === undefined || findUnit(per) === null ? number : { ...number, per: per.toLowerCase() };
}

const BETWEEN_UNITS = /^(?:,| and|, and)? ?$/;
const OUT_OF = /^ (?:in|out of)(?: every)? $/i;
const SCALES_OF = new Set([3, 4, 5, 10, 20, 100]);

/** `three hours and 45 minutes` is one number, and so is `seven in ten`. */
export function joinParts(text: string, numbers: readonly SaidNumber[]): SaidNumber[] {
  const joined: SaidNumber[] = [];
  for (const number of numbers) {
    const last = joined.at(-1);
    const gap = last === undefined ? '' : text.slice(last.end, number.at);
    const [big, small] = [last?.unit, number.unit];
    if (
      last !== undefined &&
      big?.dimension === 'time' &&
      small?.dimension === 'time' &&
      small.factor < big.factor &&
      BETWEEN_UNITS.test(gap)
    ) {
      const value = (last.value * big.factor) / small.factor + number.value;
      joined.splice(-1, 1, { ...last, value, unit: small, place: number.place, end: number.end, shown: text.slice(last.at, number.end) });
    } else if (last !== undefined && OUT_OF.test(gap) && SCALES_OF.has(number.value) && last.value < number.value && last.unit === null)
      joined.splice(-1, 1, { ...last, outOf: number.value, end: number.end, shown: text.slice(last.at, number.end) });
    else joined.push(number);
  }
  return joined;
}
