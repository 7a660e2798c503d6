// Words in the form they are compared in: no accents, no case, no plural. Keys of records and words of claims go the same way.

/** Words that say the same about a figure. The first of each row stands for all. */
const SAME: readonly (readonly string[])[] = [
  ['revenue', 'income', 'turnover', 'earning', 'earn', 'gross', 'sale', 'taking', 'make', 'made', 'bring', 'brought'],
  ['order', 'purchase', 'sell', 'sold', 'buy', 'bought', 'unit', 'quantity', 'qty'],
  ['visitor', 'visit', 'traffic', 'session'],
  ['cost', 'spend', 'spent', 'expense', 'spending', 'expenditure'],
  ['profit', 'gain', 'loss', 'lost', 'net'],
  ['refund', 'refunded', 'return', 'reimburse'],
  ['fee', 'commission', 'charge'],
  ['rate', 'share', 'ratio', 'percentage', 'percent', 'pct'],
  ['rating', 'star', 'score'],
  ['population', 'people', 'inhabitant', 'resident'],
  ['temperature', 'temp', 'degree'],
  ['customer', 'buyer', 'client'],
  ['duration', 'took', 'take', 'last', 'elapsed', 'length', 'long'],
  ['price', 'priced', 'list'],
  ['budget', 'allowance', 'allocated'],
  ['conversion', 'convert', 'converted'],
  ['weight', 'weigh', 'mass'],
  ['size', 'large'],
  ['error', 'failure', 'failed', 'fail'],
  ['stock', 'inventory', 'left', 'available'],
  ['age', 'old', 'year'],
  ['distance', 'far', 'away'],
  ['height', 'tall', 'high', 'elevation'],
];

const STANDS_FOR = new Map(SAME.flatMap((row) => row.map((word) => [word, row[0] ?? word] as const)));

const STOP = new Set(
  `a an the of in on at to for from by with and or but as is was were are be been being has have had do does did it its this that these those there
   their they he she we you i our your his her than then so such into over under above below about around roughly approximately nearly almost only just
   also all any each every both per more most less least fewer fewest least after before during between within while when where which who what how not no
   up down out off again once here very can could will would should may might must shall still yet now today amount value total number count sum`.split(
    /\s+/,
  ),
);

/** Lower case, without accents. */
const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** Words and numbers in their order, camelCase and snake_case taken apart. */
export function tokens(text: string): string[] {
  const apart = text.replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2').replace(/['’]s\b/gu, '');
  return fold(apart).match(/\p{L}+|\p{N}+/gu) ?? [];
}

/** ` a b c `: one phrase lies in another as a whole word when its string does. */
export const phraseOf = (text: string): string => ` ${tokens(text).join(' ')} `;

/** One word, singular and without its ending. */
function singular(word: string): string {
  if (word.length <= 3 || /ss$|us$|is$/.test(word)) return word;
  if (/ies$/.test(word)) return `${word.slice(0, -3)}y`;
  return /(?:ch|sh|x|ss)es$/.test(word) ? word.slice(0, -2) : word.replace(/s$/, '');
}

/** The word that stands for all with its meaning: income, earned and sales are revenue. */
export function canon(word: string): string {
  const plain = word.length > 5 ? word.replace(/(?:ing|ed)$/, '') : word;
  return STANDS_FOR.get(word) ?? STANDS_FOR.get(plain) ?? plain;
}

/** The words that mean something, singular, in their order. */
export function meanings(text: string): string[] {
  return tokens(text)
    .filter((word) => !STOP.has(word) && !/^\p{N}/u.test(word))
    .map(singular);
}
