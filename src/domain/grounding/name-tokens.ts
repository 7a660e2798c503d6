// The parts of names in a text: ids whole, words one by one, kinds with their numbers.
import { findUnit } from './units.ts';
import { fold, isStop, singular } from './words.ts';

export interface Token {
  text: string;
  at: number;
  end: number;
  isCapital: boolean;
}

/** What is told apart by a number after its kind. */
const NUMBERED = new Set(
  'disk volume room phase step unit line site part zone gate route floor level batch shelf server node page chapter goal task order offer run day week version flight bus lot table stage tier group team track plan building platform bay hall lane machine press oven truck van sensor pump well field plot store shop clinic ward cohort variant option round issue ticket'.split(
    ' ',
  ),
);
const PIECE = /[\p{L}\p{N}]+(?:[-_.:/'’][\p{L}\p{N}]+)*/gu;

/** What a piece of text names: an id whole, other words one by one. */
function partsOf(plain: string, isLetter = false): string[] {
  if (!/\d/.test(plain) || /^\d+[.,:/-]\d+$/.test(plain))
    return plain
      .split(/[-_.:/'’]/u)
      .filter(
        (part) => (part.length > 1 || isLetter) && !isStop(part) && !/^(?:com|net|org|http|https|www)$/.test(part) && !/^\d/.test(part),
      )
      .map(singular);
  return [/\p{L}/u.test(plain) ? plain.replace(/[-_.:/'’]/gu, '') : plain];
}

/** The parts of names in their order: `PX-40918` and `Disk 3` are one each, `pour-over` is two. */
export function nameTokens(text: string): Token[] {
  const found: Token[] = [];
  let last: Token | undefined;
  for (const match of text.matchAll(PIECE)) {
    const [piece] = match;
    const [at, end, isCapital] = [match.index, match.index + piece.length, /^\p{Lu}/u.test(piece)];
    const plain = fold(piece.replace(/['’]s$/u, ''));
    const isBare = /^\d+$/.test(plain);
    const isNumbered =
      isBare &&
      last !== undefined &&
      text.slice(last.end, at) === ' ' &&
      /^\p{L}+$/u.test(last.text) &&
      !isStop(last.text) &&
      findUnit(last.text) === null &&
      (last.isCapital || NUMBERED.has(last.text));
    if (isNumbered && last !== undefined) found.push({ ...last, text: last.text + plain, end });
    if (!isBare) found.push(...partsOf(plain, /^[B-HJ-Z]$/.test(piece)).map((part) => ({ text: part, at, end, isCapital })));
    last = found.at(-1)?.end === end ? found.at(-1) : { text: singular(plain), at, end, isCapital };
  }
  return found;
}
