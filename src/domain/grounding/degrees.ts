// Who has most and who has more than whom: adjectives name a figure and a direction.
import { keyOf, type Near, namedKeys, wordsOf } from './attributes.ts';
import { minuteOf } from './dates.ts';
import type { EvidenceRecord } from './evidence-records.ts';
import { toBase } from './units.ts';

/** The stem of an adjective, the words of the figure it is of, and whether more of it means more of the figure. */
const DEGREES: readonly (readonly [stem: string, of: string, isMore: boolean])[] = [
  ['cheap', 'price', false],
  ['expensive', 'price', true],
  ['pric', 'price', true],
  ['dear', 'price', true],
  ['costl', 'cost', true],
  ['heav', 'weight', true],
  ['light', 'weight', false],
  ['warm', 'temperature max', true],
  ['hot', 'temperature max', true],
  ['cool', 'temperature max', false],
  ['cold', 'temperature', false],
  ['wet', 'precipitation', true],
  ['rain', 'precipitation', true],
  ['dr', 'precipitation', false],
  ['wind', 'wind', true],
  ['slow', 'duration', true],
  ['fast', 'duration', false],
  ['quick', 'duration', false],
  ['tall', 'height', true],
  ['profitable', 'profit', true],
  ['popular', 'order download visitor', true],
  ['bus', 'order visitor', true],
  ['populous', 'population', true],
  ['old', 'date start created published founded year age', false],
  ['new', 'date start created published founded year', true],
  ['recent', 'date start created published founded year', true],
  ['latest', 'date start created published founded year', true],
  ['young', 'age', false],
  ['soon', 'date due close deadline start end expiry', false],
  ['earl', 'date due close deadline start end time', false],
  ['late', 'date due close deadline start end time', true],
  ['well-paid', 'salary', true],
  ['best-paid', 'salary', true],
  ['steep', 'price', true],
];
const MORE = /^(?:more|high\w*|great\w*|larg\w*|big\w*|long\w*|most|best|better|top|strong\w*)$/;
const FEWER = /^(?:less|few\w*|low\w*|small\w*|short\w*|least|worst|worse|weak\w*)$/;
/** Said of nothing named, it is the amount that is big. */
const SIZED = /^(?:big|larg|small)/;
const SUPERLATIVE =
  /\b(?:(?:the|by far|had|has|was|were|is|are|sold|drew|got|of all)? ?(?:most|least|fewest|highest|lowest|best|worst|top)\b(?:[- ](\w+))?|(?!(?:at|re|inter|for|nor|we|ea|request|test|mod|hon|cont|inv|qu|sugg|latest|rest|guest|harvest|forest|digest|interest|west|best)\b)(\w{3,}est)\b|latest)(?!\s+of\s+(?:our|us))/i;
const COMPARATIVE =
  /\b(more|less|fewer|higher|lower|greater|larger|smaller|bigger|better|worse|longer|shorter|(?!(?:oth|rath|afte|und|ov|nev|ev|wheth|numb|quart|custom|ord|us|mast|numb|own|off|lat|pow|wat|pap|serv|work|summ|wint|aft|lead|manag|play|ship|tim|filt|lett|memb|both|eith|neith|anoth|togeth|furth|furtherm|howev)er\b)\w{3,}er)\b(?: ([\w-]+))?(?=.*?\bthan\b)|\b(outsold|outperformed|exceed(?:s|ed)|surpass(?:es|ed)|beats?)\b/i;

export interface Degree {
  at: number;
  end: number;
  near: Near[];
  isMore: boolean;
  /** 2 for the second. */
  rank?: number;
}

const adjectiveOf = (word: string): (typeof DEGREES)[number] | undefined =>
  DEGREES.find(([stem]) => word.startsWith(stem) && word.length - stem.length <= 5);

function degreeOf(claim: string, at: number, words: readonly string[]): Degree | null {
  const [first = '', second = ''] = words.map((word) => word.toLowerCase());
  const general = MORE.test(first) ? true : FEWER.test(first) ? false : null;
  const end = at + words.join(' ').length;
  const known = adjectiveOf(general === null ? first : second);
  if (known !== undefined) return { at, end, isMore: (general === false) !== known[2], near: wordsOf(known[1]) };
  if (general === null) return null;
  const rest =
    claim
      .slice(at)
      .replace(/^\S+/, '')
      .split(/\bthan\b|[,;.]| with | but | at /)[0] ?? '';
  return {
    at,
    end,
    isMore: general,
    near: [
      ...wordsOf(rest).map((near, index) => ({ ...near, weight: 1.2 - index * 0.2 })),
      ...wordsOf(claim.slice(0, at)).map((near) => ({ ...near, weight: 0.5 })),
      ...(SIZED.test(first)
        ? wordsOf('usd eur gbp cent revenue sale worth budget population').map((near) => ({ ...near, weight: 0.3 }))
        : []),
    ],
  };
}

/** The superlative of a claim, null where there is none. */
export function superlativeOf(claim: string): Degree | null {
  const match = SUPERLATIVE.exec(claim);
  if (
    match === null ||
    /\b(?:at|almost|al) ?(?:most|least)\b/i.test(claim.slice(Math.max(0, match.index - 4), match.index + match[0].length))
  )
    return null;
  const words = match[0]
    .trim()
    .split(/[- ]/)
    .filter((word) => !/^(?:the|by|far|had|has|was|were|is|are|sold|drew|got|of|all)$/i.test(word));
  return degreeOf(claim, match.index, words);
}

export function comparativeOf(claim: string): Degree | null {
  const than = claim.search(/ than (?!\d|[$€£]|twice|half|one|two|three|four|five|six|seven|eight|nine|ten|an?\b)/i);
  const match = [...claim.matchAll(new RegExp(COMPARATIVE, 'gi'))].filter(({ index }) => than < 0 || index < than).at(-1);
  if (match === undefined || (than < 0 && match[3] === undefined)) return null;
  if (match[3] !== undefined)
    return {
      at: match.index,
      end: match.index + match[0].length,
      isMore: true,
      near: wordsOf(match[3] === 'outsold' ? 'order sale' : claim),
    };
  return degreeOf(claim, match.index, [match[1] ?? '', match[2] ?? '']);
}

export interface Measured {
  record: EvidenceRecord;
  value: number;
}

/** The figure (or the day) that is spoken of, in each of the records; several where it is not clear which. */
export function measure(records: readonly EvidenceRecord[], near: readonly Near[]): Measured[][] {
  const structured = records.filter(({ isText }) => !isText);
  const days = measureDays(structured, near);
  if (new Set(days.map(({ record }) => record)).size > 1) return [days];
  const [best] = namedKeys(structured, near);
  const keys = namedKeys(structured, near).filter(({ score }) => score >= (best?.score ?? 0) - 0.1);
  const found = keys.map(({ key }) =>
    structured.flatMap((record) =>
      record.figures
        .filter((figure) => keyOf(figure) === key)
        .map(({ value, unit }) => ({ record, value: unit === null ? value : toBase(value, unit) })),
    ),
  );
  return found.length > 0 ? found : near.some(({ word }) => word === 'usd') ? [measureOnly(structured)] : [[]];
}

/** Nothing is named: what each has of money, where that is one figure; or its only figure. */
function measureOnly(records: readonly EvidenceRecord[]): Measured[] {
  const figures = records.flatMap((record) =>
    record.figures.filter(({ about, isNaming }) => about.at(-1) !== 'many' && isNaming !== true).map((figure) => ({ record, figure })),
  );
  const money = figures.filter(({ figure }) => figure.unit?.dimension.startsWith('money'));
  const told = money.length > 0 ? money : figures;
  return new Set(told.map(({ figure }) => keyOf(figure))).size === 1
    ? told.map(({ record, figure }) => ({ record, value: figure.value }))
    : [];
}

function measureDays(records: readonly EvidenceRecord[], near: readonly Near[]): Measured[] {
  if (!near.some(({ word }) => word === 'date')) return [];
  return records.flatMap((record) => {
    const minutes = record.days.flatMap((day) => minuteOf(day) ?? []);
    const [value] = minutes;
    return value === undefined ? [] : [{ record, value }];
  });
}

/** The records of a list that have most (or least), by each reading of what is meant. */
export function extremes(records: readonly EvidenceRecord[], { near, isMore, rank = 1 }: Degree): Set<EvidenceRecord>[] {
  return measure(records, near)
    .filter((found) => new Set(found.map(({ record }) => record)).size > 1)
    .map((found) => {
      const values = [...new Set(found.map(({ value }) => value))].toSorted((a, b) => (isMore ? b - a : a - b));
      const best = values[rank - 1];
      return new Set(found.filter(({ value }) => value === best).map(({ record }) => record));
    });
}
