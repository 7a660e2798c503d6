// Numbers as people write them: $1,234.56, 3.2M, 12 %, "two hundred and fifty", "over 250", "three times". Each knows how exactly it was said.
import { ONES, readWords, SCALES, TENS } from './number-words.ts';
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
  /** A minus sign was written. */
  isNegative: boolean;
}

const WORD = `(?:${[...ONES, ...TENS, 'hundred', 'thousand', 'million', 'billion', 'dozen'].join('|')})`;
const SPELLED = new RegExp(`\\b(?:an? )?${WORD}(?:(?:[ -]| and )${WORD})*\\b`, 'gi');
const DIGITS =
  /(?<![\p{L}\p{N}_.,]|[\p{L}\p{N}]-)([-−](?=[\d$€£¥.]))?((?:US|AU?|CA?|NZ|HK)?\$|[€£¥]|\b(?:[A-Z]{3}) (?=\d))?([-−](?=\d))?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?:(k|bn|m|b)(?![\p{L}\p{N}])| ?(thousand|million|billion|trillion|mn|bn|dozen)\b)?/giu;
const UNIT_AFTER =
  /^(?: ?(%|°[CF]\b|€|£)| ?-?(percentage points?|per cent|percent|(?:miles|kilomet(?:re|er)s|met(?:re|er)s) per hour|km\/h|m\/s|m²|m2|[a-z]{1,11})(?![\p{L}\p{N}²])(?!['’](?!\s)))/iu;
const RATIO_AFTER =
  /^(?:[- ]?fold\b|x\b|[- ]times (?=as|more|the|that|what|higher|larger|longer|bigger|greater|heavier|its|their|over|than|faster|cheaper|[\p{Lu}]))/u;
const RATIOS: readonly (readonly [RegExp, number])[] = [
  [/\b(?:twice|doubled?|doubles|doubling)\b/gi, 2],
  [/\b(?:tripled?|triples|threefold)\b/gi, 3],
  [/\b(?:quadrupled?)\b/gi, 4],
  [/\b(?:half|halved)\b(?! (?:an?|past) |-)/gi, 0.5],
  [/\b(?:one|a)[- ]third\b/gi, 1 / 3],
  [/\btwo[- ]thirds\b/gi, 2 / 3],
  [/\b(?:one|a)[- ]quarter\b(?! (?:past|to)\b)/gi, 0.25],
  [/\b(?:one|a)[- ]fifth\b/gi, 0.2],
  [/\b(?:one|a)[- ]tenth\b/gi, 0.1],
  [/\btwo[- ]fifths\b/gi, 0.4],
  [/\bthree[- ]quarters\b/gi, 0.75],
];
const BOUNDS: readonly (readonly [RegExp, Bound])[] = [
  [
    /(?:\b(?:about|around|roughly|approximately|approx\.?|circa|nearly|almost|close to|(?:just|slightly|a little|little|a bit|a touch|a shade|well) (?:over|under|more than|less than|below|above|north of)|some|or so|in the region of)|[~≈]) ?$/i,
    'about',
  ],
  [/\b(?:at least|no (?:less|fewer) than|minimum of) $/i, 'atLeast'],
  [/\b(?:at most|up to|no more than|maximum of) $/i, 'atMost'],
  [/\b(?:over|above|exceed(?:s|ed|ing)?|beyond|upwards of|(?:more|greater|higher|longer|larger|better) than) $/i, 'over'],
  [/\b(?:under|below|(?:less|fewer|lower|shorter|smaller) than) $/i, 'under'],
];

const boundBefore = (text: string, at: number): Bound => {
  const before = text.slice(Math.max(0, at - 24), at).replace(/(?:\ban? |[A-Z]{3} |[A-Z]*[$€£] ?)$/, '');
  return BOUNDS.find(([pattern]) => pattern.test(before))?.[1] ?? 'exact';
};

/** Unit and ratio from what follows; `end` moves behind them. */
function readAfter(text: string, from: number): { unit: Unit | null; isRatio: boolean; end: number } {
  // `sixty (60) days`
  if (text[from] === ')') return readAfter(text, from + 1);
  const rest = text.slice(from, from + 24).replace(/^ years? o(?:n|ver) year/, '');
  const ratio = RATIO_AFTER.exec(rest);
  if (ratio !== null) return { unit: null, isRatio: true, end: from + ratio[0].length };
  const after = UNIT_AFTER.exec(rest);
  const unit =
    after === null
      ? null
      : findUnit(
          (after[1] ?? after[2] ?? '')
            .replace(/^percentage points?$/i, 'pp')
            .replace(/^per cent$/i, '%')
            .replace(/^min$/i, 'minutes'),
        );
  return { unit, isRatio: false, end: unit === null || after === null ? from : from + after[0].length };
}

const placeOf = (digits: string): number => 10 ** -(digits.split('.')[1]?.length ?? 0);

const currencyOf = (code = ''): string | undefined => (findUnit(code.trim()) === null ? undefined : code.trim());

function fromDigits(text: string, match: RegExpMatchArray): SaidNumber {
  const [whole, minus, code, innerMinus, digits = '0', letter, word] = match;
  const sign = currencyOf(code);
  // Three capitals that are no currency are a name.
  const at = (match.index ?? 0) + (sign === undefined ? (code ?? '').length : 0);
  // 5 m is metres and 5M millions; with a currency either is.
  const scaleWord = letter === 'm' && sign === undefined ? undefined : (letter ?? word);
  const scale = SCALES[scaleWord?.toLowerCase() ?? ''] ?? 1;
  const stop = (match.index ?? 0) + whole.length - (letter !== undefined && scaleWord === undefined ? 1 : 0);
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
  if (value === 0 && /\b(?:below|above) $/i.test(text.slice(0, at))) return null;
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

const AND_A_HALF = /\b(?:(\p{L}+|\d+) (\p{L}+) and a half|(\p{L}+|\d+) and a half (\p{L}+)|half an? (\p{L}+))\b/giu;

/** An hour and a half, two and a half million, half a day. */
function withHalf(text: string, match: RegExpMatchArray): SaidNumber | null {
  const [shown, first, firstUnit, second, secondUnit, halfOf] = match;
  const whole = first ?? second;
  const word = firstUnit ?? secondUnit ?? halfOf ?? '';
  const value = whole === undefined ? 0 : /^an?$/i.test(whole) ? 1 : /^\d+$/.test(whole) ? Number(whole) : readWords(whole);
  const [unit, scale] = [findUnit(word), SCALES[word.toLowerCase()]];
  if (value === null || (unit === null && scale === undefined)) return null;
  const at = match.index ?? 0;
  const factor = unit === null ? (scale ?? 1) : 1;
  const place = 0.1 * factor;
  return {
    at,
    end: at + shown.length,
    shown,
    value: (value + 0.5) * factor,
    place,
    unit,
    bound: boundBefore(text, at),
    isRatio: false,
    isNegative: false,
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
  for (const match of text.matchAll(AND_A_HALF)) add(withHalf(text, match));
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
  return joinParts(
    text,
    found.toSorted((a, b) => a.at - b.at),
  );
}

const BETWEEN_UNITS = /^(?:,| and|, and)? ?$/;
const OUT_OF = /^ (?:in|out of)(?: every)? $/i;
const SCALES_OF = new Set([3, 4, 5, 10, 20, 100]);

/** `three hours and 45 minutes` is one number, and so is `seven in ten`. */
function joinParts(text: string, numbers: readonly SaidNumber[]): SaidNumber[] {
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
