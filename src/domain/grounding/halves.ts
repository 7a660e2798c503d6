// Numbers with a half, and one of a unit: two and a half hours, a full day.
import { ONES, readWords, SCALES, TENS } from './number-words.ts';
import { boundBefore, type SaidNumber } from './said-numbers.ts';
import { findUnit } from './units.ts';

const COUNTED = `(?:${[...ONES, ...TENS].join('|')}|an?|\\d+)`;
const AND_A_HALF = new RegExp(`\\b(?:(${COUNTED}) (\\p{L}+) and a half|(${COUNTED}) and a half (\\p{L}+)|half an? (\\p{L}+))\\b`, 'giu');
/** A full hour, an hour and 36 minutes. */
const ONE_OF = /\ban? (?:(?:full|whole) (hour|minute|day|week|month|year)\b|(hour|minute|day|week|month|year)(?= and (?:an? |\d)))/gi;

/** What `two` and `an` stand for, and what is left out in half a day. */
function wholeOf(word: string | undefined): number | null {
  if (word === undefined) return 0;
  if (/^an?$/i.test(word)) return 1;
  return /^\d+$/.test(word) ? Number(word) : readWords(word);
}

/** An hour and a half, two and a half million, half a day. */
function withHalf(text: string, match: RegExpMatchArray): SaidNumber | null {
  const [shown, first, firstUnit, second, secondUnit, halfOf] = match;
  const word = firstUnit ?? secondUnit ?? halfOf ?? '';
  const value = wholeOf(first ?? second);
  if (value === null) return null;
  const [unit, scale] = [findUnit(word), SCALES[word.toLowerCase()]];
  const isRatio = /^times$/i.test(word);
  const at = match.index ?? 0;
  const isOfWord = isRatio || unit !== null || scale !== undefined;
  const length = isOfWord ? shown.length : shown.length - word.length - 1;
  const factor = unit === null ? (scale ?? 1) : 1;
  return {
    at,
    end: at + length,
    shown: shown.slice(0, length),
    value: (value + 0.5) * factor,
    place: 0.1 * factor,
    unit,
    bound: boundBefore(text, at),
    isRatio,
    isNegative: false,
  };
}

function oneOf(text: string, match: RegExpMatchArray): SaidNumber {
  const at = match.index ?? 0;
  const unit = findUnit(match[1] ?? match[2] ?? '');
  return {
    at,
    end: at + match[0].length,
    shown: match[0],
    value: 1,
    place: match[1] === undefined ? 1 : 0.1,
    unit,
    bound: boundBefore(text, at),
    isRatio: false,
    isNegative: false,
  };
}

export const findHalves = (text: string): (SaidNumber | null)[] => [
  ...[...text.matchAll(AND_A_HALF)].map((match) => withHalf(text, match)),
  ...[...text.matchAll(ONE_OF)].map((match) => oneOf(text, match)),
];
