// Numbers as people write them: $1,234.56, 3.2M, 12 %, "two hundred and fifty", "over 250", "three times". Each knows how exactly it was said.
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
  /** A minus sign was written. */
  isNegative: boolean;
}

const ONES =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const SCALES: Record<string, number> = {
  hundred: 100,
  thousand: 1e3,
  million: 1e6,
  billion: 1e9,
  trillion: 1e12,
  k: 1e3,
  m: 1e6,
  mn: 1e6,
  bn: 1e9,
  b: 1e9,
  dozen: 12,
};
const WORD = `(?:${[...ONES, ...TENS, 'hundred', 'thousand', 'million', 'billion', 'dozen'].join('|')})`;
const SPELLED = new RegExp(`\\b(?:an? )?${WORD}(?:(?:[ -]| and )${WORD})*\\b`, 'gi');
const DIGITS =
  /(?<![\p{L}\p{N}_.,])([-−](?=[\d$€£¥.]))?([$€£¥])?([-−](?=\d))?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?:(k|bn|m|b)(?![\p{L}\p{N}])| ?(thousand|million|billion|trillion|mn|bn|dozen)\b)?/giu;
const UNIT_AFTER = /^(?: ?(%|°[CF]\b|€|£)| ?-?(percentage points?|percent|km\/h|[a-z]{1,11})\b)/i;
const RATIO_AFTER = /^(?:[- ]?(?:times|fold)\b|x\b)/i;
const RATIOS: readonly (readonly [RegExp, number])[] = [
  [/\b(?:twice|doubled?|doubles|doubling)\b/gi, 2],
  [/\b(?:tripled?|triples|threefold)\b/gi, 3],
  [/\b(?:quadrupled?)\b/gi, 4],
  [/\b(?:half|halved)\b/gi, 0.5],
  [/\b(?:one|a) third\b/gi, 1 / 3],
  [/\btwo[- ]thirds\b/gi, 2 / 3],
  [/\b(?:one|a) quarter\b/gi, 0.25],
  [/\bthree[- ]quarters\b/gi, 0.75],
];
const BOUNDS: readonly (readonly [RegExp, Bound])[] = [
  [/(?:\b(?:about|around|roughly|approximately|approx\.?|circa|nearly|almost|close to|just (?:over|under)|some)|[~≈]) ?$/i, 'about'],
  [/\b(?:at least|no (?:less|fewer) than|minimum of) $/i, 'atLeast'],
  [/\b(?:at most|up to|no more than|maximum of) $/i, 'atMost'],
  [/\b(?:over|above|exceed(?:s|ed|ing)?|beyond|upwards of|(?:more|greater|higher|longer|larger|better) than) $/i, 'over'],
  [/\b(?:under|below|(?:less|fewer|lower|shorter|smaller) than) $/i, 'under'],
];

/** The value of spelled-out words, null for none: `two hundred and fifty` is 250. */
function readWords(text: string): number | null {
  let total = 0;
  let part = 0;
  const words = text
    .toLowerCase()
    .split(/[ -]+/)
    .filter((word) => !['and', 'a', 'an'].includes(word));
  for (const word of words) {
    const one = ONES.indexOf(word);
    const scale = SCALES[word];
    if (one >= 0) part += one;
    else if (TENS.includes(word)) part += (TENS.indexOf(word) + 2) * 10;
    else if (scale === 100 || scale === 12) part = Math.max(part, 1) * scale;
    else if (scale !== undefined) {
      total += Math.max(part, 1) * scale;
      part = 0;
    } else return null;
  }
  return total + part;
}

const boundBefore = (text: string, at: number): Bound => {
  const before = text.slice(Math.max(0, at - 24), at).replace(/(?:an? |the |[$€£] ?)$/i, '');
  return BOUNDS.find(([pattern]) => pattern.test(before))?.[1] ?? 'exact';
};

/** Unit and ratio from what follows; `end` moves behind them. */
function readAfter(text: string, from: number): { unit: Unit | null; isRatio: boolean; end: number } {
  const rest = text.slice(from, from + 24);
  const ratio = RATIO_AFTER.exec(rest);
  if (ratio !== null) return { unit: null, isRatio: true, end: from + ratio[0].length };
  const after = UNIT_AFTER.exec(rest);
  const unit = after === null ? null : findUnit((after[1] ?? after[2] ?? '').replace(/^percentage points?$/i, 'pp'));
  return { unit, isRatio: false, end: unit === null || after === null ? from : from + after[0].length };
}

const placeOf = (digits: string): number => 10 ** -(digits.split('.')[1]?.length ?? 0);

function fromDigits(text: string, match: RegExpMatchArray): SaidNumber {
  const [whole, minus, sign, innerMinus, digits = '0', letter, word] = match;
  const at = match.index ?? 0;
  // 5 m is metres and 5M millions; with a currency either is.
  const scaleWord = letter === 'm' && sign === undefined ? undefined : (letter ?? word);
  const scale = SCALES[scaleWord?.toLowerCase() ?? ''] ?? 1;
  const stop = at + whole.length - (letter !== undefined && scaleWord === undefined ? 1 : 0);
  const after = readAfter(text, stop);
  const plain = digits.replaceAll(',', '');
  const unit = sign === undefined ? after.unit : findUnit(sign);
  const isNegative = minus !== undefined || innerMinus !== undefined;
  return {
    at,
    end: after.end,
    shown: text.slice(at, after.end),
    value: Number(plain) * scale * (isNegative ? -1 : 1),
    place: placeOf(plain) * scale,
    unit,
    bound: boundBefore(text, at),
    isRatio: after.isRatio,
    isNegative,
  };
}

function fromWords(text: string, at: number, shown: string): SaidNumber | null {
  const value = readWords(shown);
  const after = readAfter(text, at + shown.length);
  // "one of them", "no one": a pronoun, unless a unit follows.
  if (value === null || (shown.toLowerCase() === 'one' && after.unit === null)) return null;
  return {
    at,
    shown,
    value,
    place: 1,
    bound: boundBefore(text, at),
    isNegative: false,
    unit: after.unit,
    isRatio: after.isRatio,
    end: after.end,
  };
}

/** All numbers in a text, in their order. What `isTaken` says lies in a date, a name or an id is none. */
export function findNumbers(text: string, isTaken: (at: number) => boolean = () => false): SaidNumber[] {
  const found: SaidNumber[] = [];
  const add = (number: SaidNumber | null): void => {
    if (number !== null && !isTaken(number.at) && !found.some((other) => number.at < other.end && other.at < number.end))
      found.push(number);
  };
  for (const match of text.matchAll(DIGITS)) add(fromDigits(text, match));
  for (const [pattern, value] of RATIOS)
    for (const match of text.matchAll(pattern))
      add({
        at: match.index,
        end: match.index + match[0].length,
        shown: match[0],
        value,
        place: value * 0.04,
        unit: null,
        bound: boundBefore(text, match.index),
        isRatio: true,
        isNegative: false,
      });
  for (const match of text.matchAll(SPELLED)) add(fromWords(text, match.index, match[0]));
  return found.toSorted((a, b) => a.at - b.at);
}
