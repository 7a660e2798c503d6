// Words in the form they are compared in: no accents, no case, no plural. Keys of records and words of claims go the same way.

/** Words that say the same about a figure. A word may stand in several rows. */
const SAME: readonly string[] = [
  'revenue income turnover earning earn gross sale taking make made bring brought sell sold generate',
  'order purchase sell sold buy bought unit quantity qty',
  'visitor visit traffic session drew',
  'cost spend spent expense spending expenditure paid pay use used',
  'profit gain loss lost net earn profitable',
  'refund refunded return reimburse',
  'fee commission charge',
  'rate share ratio percentage percent pct',
  'rating star score rate',
  'population people inhabitant resident',
  'temperature temp degree warm cold hot cool high low drop',
  'customer buyer client',
  'duration took take elapsed length long lasted need run time slow fast quick',
  'price priced cost sell retail charge cheap cheaper cheapest dear dearer dearest expensive fare come',
  'g gram',
  'kg kilo kilogram',
  'expire expires expiry lapse lapsed ran',
  'budget allowance allocated approved',
  'weight weigh mass heavy light',
  'size large',
  'error failure failed fail broken',
  'stock inventory left available hand',
  'age old',
  'distance far away range',
  'height tall high elevation',
  'precipitation precip rain rainfall wet dry',
  'wind windy gust',
  'salary pay paid earn make wage',
  'staff employee work people employ workforce headcount team',
  'left remain remaining unused free room',
  'leave vacation holiday',
  'depart departure leave left leaving start takeoff begin began',
  'depart departure left lost churn cancelled',
  'mrr recurring revenue',
  'arr recurring revenue',
  'star stargazer',
  'eur euro',
  'gbp pound sterling',
  'jpy yen',
  'chf franc',
  'sek krona kronor',
  'usd dollar',
  'chance probability pop likelihood odds',
  'follower subscriber member',
  'aov average',
  'vat tax ust mwst',
  'position rank place ranking spot',
  'net netto subtotal',
  'gross brutto total due',
  'view pageview hit',
  'latency duration response',
  'rent lease',
  'vote ballot',
  'grant funding award awarded',
  'debt loan borrowed owe owed',
  'guest attendee participant',
  'hold hand stock have inventory',
  'arrive arrival land reach get end',
  'impression shown view',
  'create created open opened start filed began',
  'due deadline expect expected eta',
  'start began begin join joined hired',
  'finish end ended completion complete completed done close closed',
  'renewal renew',
  'publish published release released',
  'license licence licensed',
  'comment discussion reply',
  'download installed install',
  'capacity store hold room space',
  'deliver delivered arrive arrived',
  'value amount worth',
  'win won',
  'none no without',
  'change rise rose risen fell fall grow grew growth drop decline increase decrease gain lost loss',
];

const ROWS = new Map<string, number[]>();
for (const [at, row] of SAME.entries()) for (const word of row.split(' ')) ROWS.set(word, [...(ROWS.get(word) ?? []), at]);

const STOP = new Set(
  `a an the of in on at to for from by with and or but as is was were are be been being has have had do does did it its this that these those there
   their they he she we you i our your his her than then so such into over under above below about around roughly approximately nearly almost only just
   also all any each every both per more most less least fewer fewest after before during between within while when where which who what how not
   up down out off again once here very can could will would should may might must shall still yet now today amount value total number count sum
   s t d ll re ve m us them him me if my one`.split(/\s+/),
);

const PLAIN = /^[ -~\s]*$/;

/** Lower case, without accents. */
export const fold = (text: string): string =>
  PLAIN.test(text) ? text.toLowerCase() : text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** Words and numbers in their order, camelCase and snake_case taken apart. */
export function tokens(text: string): string[] {
  const apart = text.replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2').replace(/['’]s\b/gu, '');
  return fold(apart).match(/\b[qh][1-4]\b|\p{L}+|\p{N}+/gu) ?? [];
}

/** ` a b c `: one phrase lies in another as a whole word when its string does. */
export const phraseOf = (text: string): string => ` ${tokens(text).join(' ')} `;

/** One word, singular. */
export function singular(word: string): string {
  if (word.length <= 3 || /ss$|us$|is$/.test(word)) return word;
  if (/ies$/.test(word)) return `${word.slice(0, -3)}y`;
  return /(?:ch|sh|x|ss)es$/.test(word) ? word.slice(0, -2) : word.replace(/s$/, '');
}

/** In some row of words that say the same. */
export const isKnownWord = (word: string): boolean => ROWS.has(word);

export const isStop = (word: string): boolean => STOP.has(word);

/** Words and numbers that mean something, singular, in their order. */
export const meanings = (text: string): string[] =>
  tokens(text)
    .filter((word) => !STOP.has(word))
    .map(singular);

const bare = (word: string): string => (word.length > 4 ? word.replace(/ly$/, '').replace(/(?:ing|ed|e|y)$/, '') : word);

/** What is left without the endings of nouns and verbs of one root: closure and closed, departures and departed. */
const stem = (word: string): string => {
  const short = word.replace(/(?:ures?|ings?|e?d|ly|e?rs?|ions?|ances?|ments?|als?|es?)$/, '');
  return short.length >= 4 ? short : word;
};

const known = new Map<string, number>();
const MOST_KNOWN = 50_000;

/** How far two words say the same: 1 the same word, less for a synonym or another form of it, 0 for neither. */
export function sameness(a: string, b: string): number {
  if (a === b) return 1;
  const key = `${a} ${b}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  if (known.size > MOST_KNOWN) known.clear();
  const measured = compare(a, b);
  known.set(key, measured);
  return measured;
}

function compare(a: string, b: string): number {
  const [plainA, plainB] = [bare(a), bare(b)];
  if (plainA === plainB) return 0.95;
  if (stem(a) === stem(b)) return 0.9;
  const rows = [...(ROWS.get(a) ?? []), ...(ROWS.get(plainA) ?? [])];
  const others = [...(ROWS.get(b) ?? []), ...(ROWS.get(plainB) ?? [])];
  if (rows.some((row) => others.includes(row))) return 0.8;
  // Other forms of a word share their beginning: convert and conversion, remote and remotely.
  return a.length > 5 && b.length > 5 && a.slice(0, 6) === b.slice(0, 6) && Math.abs(a.length - b.length) < 6 ? 0.7 : 0;
}
