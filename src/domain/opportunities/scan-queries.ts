// What the web is searched for: plain questions taken in turns, and what our own lessons say is worth looking for. Pure.

const QUERIES: readonly string[] = [
  'small digital products people pay for',
  'printable templates that sell well',
  'simple paid tools small shops ask for',
  'spreadsheet templates people buy',
  'niche newsletters with paying subscribers',
  'what do freelancers pay to have done for them online',
  'underserved hobby niches with paying customers',
  'data sets small companies buy',
  'short practical guides people pay for',
  'automation services small online shops need',
];

/** What a scan reads of a lesson. */
export interface Hint {
  id: number;
  dimension: string;
  value: string;
  /** Added to the log of the conversion rate. */
  effect: number;
  /** Chance that the direction is right. */
  confidence: number;
}

export interface Query {
  text: string;
  /** The lesson that it follows; null for a plain question. */
  lessonId: number | null;
}

/** Surer than not that it sells better, and noticeably so. */
const SURE = 0.6;
const NOTICEABLE = 0.1;
const LONGEST_VALUE = 50;

const WORDS: Readonly<Record<string, (value: string) => string>> = {
  category: (value) => `${value} that people pay for online`,
  channel: (value) => `small digital products that sell through ${value}`,
  'price band': (value) => `digital products people buy for ${value}`,
};

/**
 * The first question of a scan follows a lesson, in turns over those that speak for something; the others are plain, so that what nobody has
 * tried is looked for too. Plain questions that ask for what lessons speak against come last.
 * @param turn counts the scans
 */
export function queriesOf(turn: number, count: number, lessons: readonly Hint[] = []): Query[] {
  const sure = lessons.filter(({ confidence, effect }) => confidence >= SURE && Math.abs(effect) >= NOTICEABLE);
  const hints = sure.filter(({ effect }) => effect > 0).flatMap(hinted);
  const first = hints[turn % Math.max(1, hints.length)];
  const against = sure.filter(({ dimension, effect }) => dimension === 'category' && effect < 0).map(({ value }) => plain(value));
  const isAgainst = (query: string): boolean => against.some((value) => value !== '' && query.includes(value));
  const own = first === undefined ? [] : [first];
  const rest = Math.max(0, Math.min(count - own.length, QUERIES.length));
  const turned = QUERIES.map((_, index) => QUERIES[(turn * Math.max(1, rest) + index) % QUERIES.length] ?? '');
  const ordered = [...turned.filter((query) => !isAgainst(query)), ...turned.filter(isAgainst)];
  return [...own, ...ordered.slice(0, rest).map((text) => ({ text, lessonId: null }))].slice(0, count);
}

function hinted({ id, dimension, value }: Hint): Query[] {
  const words = plain(value);
  const write = WORDS[dimension];
  return write === undefined || words === '' ? [] : [{ text: write(words), lessonId: id }];
}

/** A lesson's value may be a stranger's word: letters, digits and a few signs, and not many. */
const plain = (value: string): string =>
  value
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}$ -]+/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, LONGEST_VALUE)
    .trim();
