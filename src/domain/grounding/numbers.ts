// Numbers as people write them: $1,234.56, 3.2M, 12 %, "two hundred and fifty", "over 250", "three times". Each knows how exactly it was said.
import { findHalves } from './halves.ts';
import { ONES, readWords, SCALES, TENS } from './number-words.ts';
import { boundBefore, joinParts, type SaidNumber, withBoundAfter, withPer } from './said-numbers.ts';
import { findUnit, type Unit } from './units.ts';

const WORD = `(?:${[...ONES, ...TENS, 'hundred', 'thousand', 'million', 'billion', 'dozen', 'twice'].join('|')})`;
const SPELLED = new RegExp(`\\b(?:an? )?${WORD}(?:(?:[ -]| and )${WORD})*\\b`, 'gi');
const DIGITS =
  /(?<![\p{L}\p{N}_.,]|[\p{L}\p{N}]-)([-−](?=[\d$€£¥.]))?((?:US|AU?|CA?|NZ|HK)?\$|[€£¥]|\b(?:[A-Z]{3}) (?=\d))?([-−](?=\d))?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?!\d*(?:st|nd|rd|th)[ -]percentile)(?:(k|bn|m|b)(?![\p{L}\p{N}])| ?(thousand|million|billion|trillion|mn|bn|dozen)\b)?/giu;
const UNIT_AFTER =
  /^(?: ?(%|°[CF]\b|€|£)| ?-?(percentage points?|per cent|percent|(?:miles|kilomet(?:re|er)s|met(?:re|er)s) per hour|km\/h|m\/s|m²|m2|[a-z]{1,11})(?![\p{L}\p{N}²])(?!['’](?!\s)))/iu;
const RATIO_AFTER =
  /^(?:[- ]?fold\b|x\b|[- ]times (?=as|more|the|that|what|higher|larger|longer|bigger|greater|heavier|its|their|over|than|faster|cheaper|[\p{Lu}]))/u;
const RATIOS: readonly (readonly [RegExp, number])[] = [
  [/\b(?:twice(?= (?:as|the|that|what|its|their|his|her|an?|our|those|\p{Lu}))|doubled?|doubles|doubling)\b/giu, 2],
  [/\b(?:tripled?|triples|threefold)\b/gi, 3],
  [/\b(?:quadrupled?)\b/gi, 4],
  [/\b(?:half|halved)\b(?! (?:an?|past) |-)/gi, 0.5],
  [/\b(?:one|a)[- ]third\b/gi, 1 / 3],
  [/\b(?:one|a)[- ]quarter\b(?! (?:past|to)\b)/gi, 0.25],
  [/\b(?:one|a)[- ]fifth\b/gi, 0.2],
  [/\b(?:one|a)[- ]tenth\b/gi, 0.1],
  ...['third', 'quarter', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'].flatMap((part, at) =>
    ['two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine']
      .slice(0, at + 2)
      .map((many, index): readonly [RegExp, number] => [
        new RegExp(`\\b${many}[- ]${part}s\\b`, 'gi'),
        (index + 2) / (part === 'quarter' ? 4 : part === 'third' ? 3 : at + 3),
      ]),
  ),
];
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

const currencyOf = (code = ''): string | undefined =>
  findUnit(code.trim())?.dimension.startsWith('money') === true ? code.trim() : undefined;

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
  const isPart = /^ (?:in|out of) /i.test(text.slice(at + shown.length));
  if (value === null || (shown.toLowerCase() === 'one' && after.unit === null && !isPart)) return null;
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
    if (
      number !== null &&
      !isTaken(number.at) &&
      !/^\.\d/.test(text.slice(number.end)) &&
      !found.some((other) => number.at < other.end && other.at < number.end)
    )
      found.push(number);
  };
  for (const match of text.matchAll(DIGITS)) add(fromDigits(text, match));
  for (const number of findHalves(text)) add(number);
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
  ).map((number) => withBoundAfter(text, withPer(text, number)));
}
