// Cuts a goal's text into words, amounts in dollars and plain numbers. One pass, no backtracking beyond a run of digits.
import type { Micros } from '../../core/money.ts';
import { readAmount, SCALES } from './amount.ts';

export type Token =
  | { kind: 'word'; text: string }
  /** `unit` is the word grown onto the digits: `10days`, `2k`. */
  | { kind: 'number'; text: string; unit: string }
  | { kind: 'money'; micros: Micros }
  /** A currency that is not the dollar, or an amount that can't be read. */
  | { kind: 'foreign' };

/** The word at a place; empty for anything else. */
export const wordOf = (token: Token | undefined): string => (token?.kind === 'word' ? token.text : '');

/** A currency sign, digits with the letters grown onto them, or a word. Anything else is a gap. */
const PIECE = /(?<sign>[$€£¥₹₽₩₿])|(?<digits>\d(?:[\d.,]*\d)?)(?<unit>\p{L}*)|(?<word>\p{L}[\p{L}\p{M}'’]*)/gu;
const DOLLARS = new Set(['dollar', 'dollars', 'usd', 'buck', 'bucks']);
const BEFORE_DOLLARS = new Set(['practice', 'us', 'american', 'more', 'new', 'whole']);
const OTHER_MONEY = new Set([
  ...[
    'euro',
    'euros',
    'eur',
    'pound',
    'pounds',
    'gbp',
    'yen',
    'jpy',
    'rupee',
    'rupees',
    'inr',
    'franc',
    'francs',
    'chf',
    'cad',
    'aud',
    'nzd',
  ],
  ...['sgd', 'hkd', 'yuan', 'cny', 'rmb', 'krona', 'sek', 'nok', 'dkk', 'peso', 'pesos', 'mxn', 'brl', 'real', 'btc', 'bitcoin', 'eth'],
]);
const ONLY_WORDS_ALONE = new Set(['a', 'an', 'first', 'one']);
const MOST_COUNT_WORDS = 5;
const SMALL = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'];
const COUNTS: ReadonlyMap<string, number> = new Map([
  ['a', 1],
  ['an', 1],
  ['first', 1],
  ...SMALL.map((word, index): [string, number] => [word, index + 1]),
  ...['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'].map((word, index): [string, number] => [
    word,
    (index + 2) * 10,
  ]),
  ['fifteen', 15],
]);

/** What was read, and how many pieces it took; a lone `$` is nothing. */
interface Read {
  token: Token | null;
  used: number;
}

type Piece = { sign: string } | { digits: string; unit: string } | { word: string };

interface Cut {
  piece: Piece;
  start: number;
  end: number;
}

function cutPieces(text: string): Cut[] {
  return [...text.matchAll(PIECE)].map((match): Cut => {
    const { sign, digits, unit = '', word = '' } = match.groups ?? {};
    const piece: Piece = sign !== undefined ? { sign } : digits !== undefined ? { digits, unit } : { word };
    return { piece, start: match.index, end: match.index + match[0].length };
  });
}

const wordAt = (cuts: readonly Cut[], index: number): string => {
  const piece = cuts[index]?.piece;
  return piece !== undefined && 'word' in piece ? piece.word : '';
};

const moneyOr = (micros: Micros | null): Token => (micros === null ? { kind: 'foreign' } : { kind: 'money', micros });

/** Reads a scale (`2 thousand`), then the name of a currency, behind a number; tells how many pieces it used. */
function readTail(cuts: readonly Cut[], from: number, unit: string): { unit: string; currency: 'dollar' | 'other' | null; used: number } {
  let used = 0;
  let scale = unit;
  if (unit === '' && SCALES.has(wordAt(cuts, from)) && wordAt(cuts, from) !== '') {
    scale = wordAt(cuts, from);
    used = 1;
  }
  const skip = BEFORE_DOLLARS.has(wordAt(cuts, from + used)) ? 1 : 0;
  if (DOLLARS.has(wordAt(cuts, from + used + skip))) return { unit: scale, currency: 'dollar', used: used + skip + 1 };
  if (OTHER_MONEY.has(wordAt(cuts, from + used))) return { unit: scale, currency: 'other', used: used + 1 };
  return { unit: scale, currency: null, used };
}

/** A minus before it, which is not the dash of `$10-$20`. */
function isNegative(text: string, cut: Cut): boolean {
  return /(?:^|[^\d\p{L}])[-−]$/u.test(text.slice(Math.max(0, cut.start - 3), cut.start));
}

/** `$` grown onto letters is another country's dollar, except `US$`. */
function isOurDollar(text: string, cut: Cut): boolean {
  const before = text.slice(Math.max(0, cut.start - 3), cut.start);
  return !/\p{L}$/u.test(before) || /(?:^|\P{L})us$/u.test(before);
}

/** From a currency sign on: `$50`, `$1.5k`, `$2 million`, `$50 CAD`. */
function readSigned(text: string, cuts: readonly Cut[], index: number, sign: string): Read {
  const cut = cuts[index];
  const next = cuts[index + 1];
  const joined = cut !== undefined && next !== undefined && text.slice(cut.end, next.start).trim() === '';
  if (!joined || !('digits' in next.piece)) return { token: sign === '$' ? null : { kind: 'foreign' }, used: 1 };
  const tail = readTail(cuts, index + 2, next.piece.unit);
  const ours = sign === '$' && isOurDollar(text, cut) && !isNegative(text, cut) && tail.currency !== 'other';
  return { token: ours ? moneyOr(readAmount(next.piece.digits, tail.unit)) : { kind: 'foreign' }, used: 2 + tail.used };
}

function readNumber(text: string, cuts: readonly Cut[], index: number, piece: { digits: string; unit: string }): Read {
  const cut = cuts[index];
  if (cut !== undefined && isNegative(text, cut)) return { token: { kind: 'foreign' }, used: 1 };
  const grown = DOLLARS.has(piece.unit) ? 'dollar' : OTHER_MONEY.has(piece.unit) ? 'other' : null;
  if (grown !== null) return { token: grown === 'dollar' ? moneyOr(readAmount(piece.digits, '')) : { kind: 'foreign' }, used: 1 };
  const following = cuts[index + 1]?.piece;
  // `30$` and `30€`, unless the sign starts the next amount.
  const after = cuts[index + 2]?.piece;
  if (following !== undefined && 'sign' in following && !(after !== undefined && 'digits' in after)) {
    return { token: following.sign === '$' ? moneyOr(readAmount(piece.digits, piece.unit)) : { kind: 'foreign' }, used: 2 };
  }
  const tail = readTail(cuts, index + 1, piece.unit);
  if (tail.currency === 'other') return { token: { kind: 'foreign' }, used: 1 + tail.used };
  if (tail.currency === 'dollar') return { token: moneyOr(readAmount(piece.digits, tail.unit)), used: 1 + tail.used };
  return { token: { kind: 'number', text: piece.digits, unit: piece.unit }, used: 1 };
}

/** Adds up words that count: `twenty five`, `a hundred`. */
function countWords(cuts: readonly Cut[], index: number): { count: number; used: number } {
  let count = 0;
  let used = 0;
  for (; used < MOST_COUNT_WORDS; used += 1) {
    const word = wordAt(cuts, index + used);
    const scale = word === 'hundred' ? 100 : word === 'thousand' ? 1_000 : null;
    const value = COUNTS.get(word);
    if (scale === null && value === undefined) break;
    count = scale === null ? count + (value ?? 0) : Math.max(1, count) * scale;
  }
  return { count, used };
}

/** `first practice dollar`, `a hundred bucks`, `twenty five dollars`, `two weeks`; null for words that do not count. */
function readCount(cuts: readonly Cut[], index: number): Read | null {
  const { count, used } = countWords(cuts, index);
  if (used === 0) return null;
  const tail = readTail(cuts, index + used, '');
  if (tail.currency === 'dollar') return { token: moneyOr(readAmount(String(count), tail.unit)), used: used + tail.used };
  // `a` and `first` alone are only words.
  if (used === 1 && ONLY_WORDS_ALONE.has(wordAt(cuts, index))) return null;
  return { token: { kind: 'number', text: String(count), unit: '' }, used };
}

/** `USD 50`; otherwise the word itself, without its `'s`. */
function readWord(cuts: readonly Cut[], index: number, word: string): Read {
  const next = cuts[index + 1]?.piece;
  if (word === 'usd' && next !== undefined && 'digits' in next) return { token: moneyOr(readAmount(next.digits, next.unit)), used: 2 };
  return readCount(cuts, index) ?? { token: { kind: 'word', text: word.replace(/['’]s?$/u, '') }, used: 1 };
}

/** Lower-cased tokens in order. */
export function cutWords(raw: string): Token[] {
  const text = raw.toLowerCase();
  const cuts = cutPieces(text);
  const tokens: Token[] = [];
  for (let index = 0; index < cuts.length; ) {
    const { piece } = cuts[index] as Cut;
    const read =
      'sign' in piece
        ? readSigned(text, cuts, index, piece.sign)
        : 'digits' in piece
          ? readNumber(text, cuts, index, piece)
          : readWord(cuts, index, piece.word);
    if (read.token !== null) tokens.push(read.token);
    index += read.used;
  }
  return tokens;
}
